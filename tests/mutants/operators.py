"""Ways to spoil rows: each takes a draft, changes it, and says what it did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from trilogue.spans import Span

from .draft import Cells, Draft, NotApplicableError

Operator = Callable[[Draft], str]
OPERATORS: dict[str, Operator] = {}
_LAST_DAY = date(2025, 5, 19)  # of the source; nothing that it tells of is later


def operator(function: Operator) -> Operator:
    """Register an operator under its name in words."""
    OPERATORS[function.__name__.replace("_", "-")] = function
    return function


def _cell(
    draft: Draft, table: str, column: str, value: str, fits: Callable[[Cells], object] = bool
) -> str:
    row = draft.pick(table, lambda row: row[column] and row[column] != value and fits(row))
    before, row[column] = row[column], value
    return f"{table} {row['key']}: {column} '{before}' becomes '{value}'"


def _kinds(draft: Draft, table: str) -> list[str]:
    return sorted({row["kind"] for row in draft.tables[table] if row["kind"]})


def _dated(row: Cells) -> bool:
    return bool(row["date"] and not row.get("end"))


def _shifted(text: str, days: int) -> str:
    return (Span.parse(text).earliest + timedelta(days=days)).isoformat()


# What a slip of the pen does to a row.


@operator
def drop_the_locator(draft: Draft) -> str:
    return _cell(
        draft, draft.random.choice(["acts", "actors", "positions", "claims"]), "passage", ""
    )


@operator
def drop_the_basis(draft: Draft) -> str:
    return _cell(draft, draft.random.choice(["acts", "texts", "tenures"]), "basis", "")


@operator
def name_a_page_that_does_not_exist(draft: Draft) -> str:
    return _cell(draft, draft.random.choice(["acts", "sources", "figures"]), "passage", "p143")


@operator
def drop_the_note_of_a_cited_row(draft: Draft) -> str:
    row = draft.pick("acts", lambda row: row["basis"] == "cited" and " " in row["passage"])
    row["passage"] = row["passage"].partition(" ")[0].partition("-n")[0]
    return f"acts {row['key']}: passage becomes '{row['passage']}'"


@operator
def misspell_a_class(draft: Draft) -> str:
    table = draft.random.choice(["acts", "actors", "texts", "sources"])
    row = draft.pick(table, lambda row: len(row["kind"]) > 3)
    row["kind"] = row["kind"][:-2] + row["kind"][-1]
    return f"{table} {row['key']}: kind becomes '{row['kind']}'"


@operator
def misspell_a_reference(draft: Draft) -> str:
    table, column = draft.random.choice(
        [("acts", "performer"), ("positions", "actor"), ("provisions", "text"), ("tenures", "body")]
    )
    row = draft.pick(table, lambda row: row[column])
    row[column] += "e"
    return f"{table} {row['key']}: {column} becomes '{row[column]}'"


@operator
def write_a_date_that_no_calendar_has(draft: Draft) -> str:
    return _cell(draft, draft.random.choice(["acts", "texts", "sources"]), "date", "2023-02-30")


@operator
def write_a_date_in_words(draft: Draft) -> str:
    return _cell(draft, draft.random.choice(["acts", "texts"]), "date", "June 2023")


@operator
def reverse_an_interval(draft: Draft) -> str:
    row = draft.pick("acts", lambda row: row["date"] and row["end"] > row["date"])
    row["date"], row["end"] = row["end"], row["date"]
    return f"acts {row['key']}: from {row['date']} to {row['end']}"


@operator
def give_a_key_twice_with_another_value(draft: Draft) -> str:
    table = draft.random.choice(["acts", "positions", "figures"])
    row = draft.pick(table)
    draft.add(table, row, key=row["key"], passage="p1")
    return f"{table} {row['key']}: twice"


@operator
def leave_a_row_out(draft: Draft) -> str:
    """Take away the row that says what kind of thing something is."""
    table, column = draft.random.choice([("actors", "actor"), ("texts", "text")])
    once = [row[column] for row in draft.tables[table] if row["kind"]]
    row = draft.pick(table, lambda row: row["kind"] and once.count(row[column]) == 1)
    draft.tables[table].remove(row)
    return f"{table} {row['key']}: left out"


@operator
def remove_a_type(draft: Draft) -> str:
    table = draft.random.choice(["acts", "actors"])
    kinds = [row[table.removesuffix("s")] for row in draft.tables[table] if row["kind"]]
    row = draft.pick(
        table, lambda row: row["kind"] and kinds.count(row[table.removesuffix("s")]) == 1
    )
    kind, row["kind"] = row["kind"], ""
    return f"{table} {row['key']}: kind '{kind}' taken away"


# Values that clash with what another row says.


@operator
def give_a_second_date(draft: Draft) -> str:
    table = draft.random.choice(["acts", "texts", "sources"])
    row = draft.pick(table, _dated)
    draft.add(table, row, date=_shifted(row["date"], 400))
    return f"{table} {row['key']}: a second row of the same thing, 400 days later"


@operator
def give_a_second_home_country(draft: Draft) -> str:
    row = draft.pick("actors", lambda row: row["country"] and row["country"] != "brazil")
    others = sorted({r["country"] for r in draft.tables["actors"]} - {row["country"], ""})
    country = draft.random.choice(others)
    draft.add("actors", row, country=country, label="", label_zh="", description="")
    return f"actors {row['key']}: also at home in {country}"


@operator
def give_a_second_firm_size(draft: Draft) -> str:
    row = draft.pick("actors", lambda row: row["size"] and row["kind"] == "Firm")
    size = "sme" if row["size"] != "sme" else "large-multinational"
    draft.add("actors", row, size=size, label="", label_zh="", description="")
    return f"actors {row['key']}: also {size}"


@operator
def give_a_second_name(draft: Draft) -> str:
    row = draft.pick("actors", lambda row: row["label"])
    draft.add("actors", row, label=f"{row['label']} Holding", label_zh="")
    return f"actors {row['key']}: also called '{row['label']} Holding'"


@operator
def give_a_second_stance(draft: Draft) -> str:
    row = draft.pick("positions", lambda row: row["stance"] in ("supports", "opposes"))
    stance = "opposes" if row["stance"] == "supports" else "supports"
    draft.add("positions", row, stance=stance)
    return f"positions {row['key']}: also {stance}"


@operator
def give_a_second_option(draft: Draft) -> str:
    row = draft.pick("positions", lambda row: row["option"])
    same_issue = {r["option"] for r in draft.tables["positions"] if r["issue"] == row["issue"]}
    others = sorted(same_issue - {row["option"], ""})
    if not others:
        raise NotApplicableError("positions")
    option = draft.random.choice(others)
    draft.add("positions", row, option=option)
    return f"positions {row['key']}: also towards {option}"


@operator
def give_a_second_speaker(draft: Draft) -> str:
    row = draft.pick("acts", lambda row: row["kind"] == "Statement" and row["performer"])
    others = sorted({r["actor"] for r in draft.tables["actors"]} - set(row["performer"].split()))
    performer = draft.random.choice(others)
    draft.add("acts", row, performer=performer)
    return f"acts {row['key']}: also spoken by {performer}"


@operator
def give_a_second_issuer(draft: Draft) -> str:
    row = draft.pick("texts", lambda row: row["issuer"])
    issuer = "mistral-ai"
    draft.add("texts", row, issuer=issuer, label="", label_zh="", predecessor="")
    return f"texts {row['key']}: also issued by {issuer}"


@operator
def give_a_second_value(draft: Draft) -> str:
    row = draft.pick("figures", lambda row: row["value"])
    draft.add("figures", row, value=str(float(row["value"]) * 3 + 1))
    return f"figures {row['key']}: also three times as much and one more"


@operator
def give_a_second_wikidata_item(draft: Draft) -> str:
    row = draft.pick(
        "identifiers",
        lambda row: row["scheme"] == "wikidata" and row["relation"] == "owl:sameAs",
    )
    draft.add("identifiers", row, identifier="Q1", iri="http://www.wikidata.org/entity/Q1")
    return f"identifiers {row['key']}: also Q1"


@operator
def give_an_identifier_to_two_actors(draft: Draft) -> str:
    def same(row: Cells) -> bool:
        return row["relation"] == "owl:sameAs" and row["about"].startswith("actor/")

    row, other = draft.pick("identifiers", same), draft.pick("identifiers", same)
    if row["about"] == other["about"]:
        raise NotApplicableError("identifiers")
    draft.add("identifiers", row, about=other["about"])
    return f"identifiers {row['key']}: also of {other['about']}"


@operator
def put_an_actor_into_a_disjoint_class(draft: Draft) -> str:
    row = draft.pick("actors", lambda row: row["kind"] in ("Person", "Firm", "MemberState"))
    kind = draft.random.choice(sorted({"Person", "Firm", "ThirdState"} - {row["kind"]}))
    draft.add("actors", row, kind=kind, label="", label_zh="", country="", size="")
    return f"actors {row['key']}: also a {kind}"


@operator
def make_a_text_of_an_act(draft: Draft) -> str:
    row = draft.pick("positions", lambda row: row["act"])
    row["act"] = draft.random.choice([r["text"] for r in draft.tables["texts"]])
    return f"positions {row['key']}: expressed through the text {row['act']}"


# Time out of joint.


@operator
def date_an_act_after_the_source(draft: Draft) -> str:
    row = draft.pick("acts", _dated)
    row["date"] = (_LAST_DAY + timedelta(days=draft.random.randint(300, 900))).isoformat()
    return f"acts {row['key']}: {row['date']}"


@operator
def date_a_text_after_its_successor(draft: Draft) -> str:
    later = {row["predecessor"]: row["text"] for row in draft.tables["texts"] if row["predecessor"]}
    row = draft.pick("texts", lambda row: row["date"] and row["text"] in later)
    row["date"] = "2025-01-01"
    return f"texts {row['key']}: 2025-01-01, after {later[row['text']]}"


@operator
def date_an_answer_before_its_question(draft: Draft) -> str:
    answers = {row["act"] for row in draft.tables["acts"] if row["answers"]}
    return _cell(
        draft, "acts", "date", "2019-01-01", lambda row: _dated(row) and row["act"] in answers
    )


@operator
def swap_the_dates_of_predecessor_and_successor(draft: Draft) -> str:
    dated = {row["text"]: row for row in draft.tables["texts"] if row["date"]}
    link = draft.pick("texts", lambda row: row["text"] in dated and row["predecessor"] in dated)
    first, second = dated[link["predecessor"]], dated[link["text"]]
    if first["date"] == second["date"]:
        raise NotApplicableError("texts")
    first["date"], second["date"] = second["date"], first["date"]
    return f"texts {first['key']} and {second['key']}: dates swapped"


@operator
def date_an_act_before_its_performer_came_to_be(draft: Draft) -> str:
    founded = {row["actor"] for row in draft.tables["actors"] if row["founded"]}
    return _cell(
        draft, "acts", "date", "2020-02", lambda row: _dated(row) and row["performer"] in founded
    )


@operator
def found_a_firm_after_its_acts(draft: Draft) -> str:
    return _cell(draft, "actors", "founded", "2024-11")


@operator
def move_an_act_outside_the_tenure(draft: Draft) -> str:
    persons = {row["actor"] for row in draft.tables["actors"] if row["kind"] == "Person"}
    row = draft.pick("acts", lambda row: row["on_behalf_of"] and row["performer"] in persons)
    others = ["cohere", "spotify", "china", "snap", "apple"]
    before, row["on_behalf_of"] = row["on_behalf_of"], draft.random.choice(others)
    return f"acts {row['key']}: for {row['on_behalf_of']} rather than {before}"


@operator
def date_the_source_before_the_event(draft: Draft) -> str:
    return _cell(draft, "sources", "date", "2012-05-01", lambda row: row["date"] > "2022")


@operator
def date_the_source_after_the_thesis(draft: Draft) -> str:
    return _cell(draft, "sources", "date", "2027-05-01")


# Edges and numbers.


@operator
def reverse_an_edge(draft: Draft) -> str:
    dated = {row["text"] for row in draft.tables["texts"] if row["date"]}
    row = draft.pick("texts", lambda row: row["predecessor"] in dated and row["text"] in dated)
    row["text"], row["predecessor"] = row["predecessor"], row["text"]
    return f"texts {row['key']}: {row['text']} succeeds {row['predecessor']}"


@operator
def lead_an_edge_to_itself(draft: Draft) -> str:
    table, about, column = draft.random.choice(
        [
            ("texts", "text", "predecessor"),
            ("acts", "act", "answers"),
            ("claims", "claim", "supports"),
            ("hypotheses", "hypothesis", "rival"),
            ("tenures", "tenure", "follows"),
        ]
    )
    row = draft.pick(table, lambda row: row[column])
    row[column] = row[about]
    return f"{table} {row['key']}: {column} itself"


@operator
def let_an_act_address_its_performer(draft: Draft) -> str:
    row = draft.pick("acts", lambda row: row["addressee"] and " " not in row["performer"])
    row["addressee"] = row["performer"]
    return f"acts {row['key']}: addresses {row['performer']}"


@operator
def take_an_option_of_another_issue(draft: Draft) -> str:
    row = draft.pick("positions", lambda row: row["option"])
    others = sorted(
        {r["option"] for r in draft.tables["positions"] if r["issue"] != row["issue"]} - {""}
    )
    row["option"] = draft.random.choice(others)
    return f"positions {row['key']}: towards {row['option']}"


@operator
def change_the_unit(draft: Draft) -> str:
    table = draft.random.choice(["figures", "provisions"])
    row = draft.pick(table, lambda row: row["unit"] and row.get("measure") != "item-count")
    before, row["unit"] = row["unit"], "kilograms"
    return f"{table} {row['key']}: kilograms rather than {before}"


@operator
def move_a_decimal_point(draft: Draft) -> str:
    row = draft.pick("provisions", lambda row: row["threshold"])
    row["threshold"] = str(float(row["threshold"]) * 1000)
    return f"provisions {row['key']}: threshold {row['threshold']}"


@operator
def let_a_share_exceed_the_whole(draft: Draft) -> str:
    return _cell(draft, "figures", "value", "140", lambda row: row["measure"] == "share")


@operator
def give_a_step_the_number_of_another(draft: Draft) -> str:
    return _cell(draft, "argument-steps", "number", "1")


@operator
def count_below_one(draft: Draft) -> str:
    table = draft.random.choice(["stages", "argument-steps"])
    return _cell(draft, table, "number", draft.random.choice(["0", "-1"]))


# Who is who.


@operator
def merge_two_persons(draft: Draft) -> str:
    """Write one person's key wherever the other's stands, as if they were one."""

    def person(row: Cells) -> bool:
        return row["kind"] == "Person" and bool(row["label"])

    first, second = draft.pick("actors", person), draft.pick("actors", person)
    if first["actor"] == second["actor"]:
        raise NotApplicableError("actors")
    kept, gone = first["actor"], second["actor"]
    for table, column in (("actors", "actor"), ("tenures", "person"), ("acts", "performer")):
        draft.changed.add(table)
        for row in draft.tables[table]:
            items = row[column].split()
            row[column] = " ".join(dict.fromkeys(kept if item == gone else item for item in items))
    for table, rows in draft.tables.items():
        for row in rows:
            for column, cell in row.items():
                if column not in ("key", "actor") and gone in cell.split():
                    row[column] = " ".join(kept if item == gone else item for item in cell.split())
                    draft.changed.add(table)
                elif cell == f"actor/{gone}":
                    row[column] = f"actor/{kept}"
                    draft.changed.add(table)
    return f"actors: {gone} becomes {kept}"


@operator
def let_a_firm_hold_a_post(draft: Draft) -> str:
    firms = sorted({row["actor"] for row in draft.tables["actors"] if row["kind"] == "Firm"})
    return _cell(draft, "tenures", "person", draft.random.choice(firms))


@operator
def let_a_third_state_preside(draft: Draft) -> str:
    row = draft.pick("texts", lambda row: row["presidency"])
    row["presidency"] = draft.random.choice(["united-states", "china", "mistral-ai"])
    return f"texts {row['key']}: presidency of {row['presidency']}"


@operator
def write_a_name_almost_alike(draft: Draft) -> str:
    row = draft.pick("actors", lambda row: len(row["label"]) > 12 and row["kind"])
    middle = len(row["label"]) // 2
    label = row["label"][:middle] + row["label"][middle + 1 :]
    draft.add("actors", row, actor=f"{row['actor']}-twin", label=label, label_zh="")
    return f"actors {row['key']}: a twin called '{label}'"


@operator
def give_two_things_one_name(draft: Draft) -> str:
    row = draft.pick("actors", lambda row: row["label"] and row["kind"])
    draft.add("actors", row, actor=f"{row['actor']}-twin")
    return f"actors {row['key']}: a twin of the same name"


@operator
def put_chinese_where_english_belongs(draft: Draft) -> str:
    table = draft.random.choice(["actors", "acts", "texts"])
    return _cell(draft, table, "label", "欧盟理事会的立场")


@operator
def leave_space_around_a_name(draft: Draft) -> str:
    table = draft.random.choice(["actors", "acts", "texts"])
    row = draft.pick(table, lambda row: row["label"])
    row["label"] = f" {row['label']}"
    return f"{table} {row['key']}: label ' …'"


# Decisions and evidence.


@operator
def forget_a_resolution(draft: Draft) -> str:
    row = draft.pick("resolutions")
    draft.tables["resolutions"].remove(row)
    return f"resolutions {row['key']}: left out"


@operator
def prefer_what_is_set_aside(draft: Draft) -> str:
    row = draft.pick("resolutions", lambda row: row["set_aside"])
    draft.add("resolutions", row, set_aside=row["preferred"], preferred=row["set_aside"])
    return f"resolutions {row['key']}: both ways"


@operator
def accept_a_finding_of_no_check(draft: Draft) -> str:
    return _cell(draft, "resolutions", "check", "no-such-check")


@operator
def cite_an_unknown_source(draft: Draft) -> str:
    row = draft.pick("citations", lambda row: row["cited"])
    row["cited"] += "e"
    return f"citations {row['key']}: cites {row['cited']}"


@operator
def cite_from_another_note(draft: Draft) -> str:
    return _cell(draft, "citations", "passage", "p63-n1", lambda row: row["citing"])


@operator
def number_a_document_like_another(draft: Draft) -> str:
    row = draft.pick("sources", lambda row: row["reference"])
    other = draft.pick("sources", lambda r: r["source"] != row["source"] and not r["reference"])
    other["reference"] = row["reference"]
    return f"sources {other['key']}: reference {row['reference']}"


@operator
def number_a_document_twice(draft: Draft) -> str:
    row = draft.pick("sources", lambda row: row["reference"])
    draft.add("sources", row, reference="Ares(2021)1")
    return f"sources {row['key']}: also Ares(2021)1"


@operator
def call_a_stricter_text_milder(draft: Draft) -> str:
    row = draft.pick("provisions", lambda row: row.get("change") in ("stricter", "milder"))
    row["change"] = "milder" if row["change"] == "stricter" else "stricter"
    return f"provisions {row['key']}: described as {row['change']}"
