"""VoID and DCAT 3: what the data sets are, with figures counted from the data.

All nodes have IRIs under the address at which the project's names stand, wherever the site is;
files and services have the address of the site.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from trilogue.namespaces import PREFIXES, TERMS, THINGS, TYPE, XSD, compact, iri_of
from trilogue.publication import addresses, forms
from trilogue.publication.dumps import File
from trilogue.publication.header import ONTOLOGY
from trilogue.publication.source import Source
from trilogue.publication.things import LINKS

VOID = "http://rdfs.org/ns/void#"
DCAT = "http://www.w3.org/ns/dcat#"
SPDX = "http://spdx.org/rdf/terms#"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
BOUND = {"void": VOID, "dcat": DCAT, "spdx": SPDX}
"""Prefixes of descriptions."""

_FORMATS = "http://www.w3.org/ns/formats/"
_FEATURES = ("Turtle", "N-Triples", "JSON-LD", "TriG", "N-Quads")
_OWN = addresses.HOME + "void.ttl#"
_NAMES = {**PREFIXES, **BOUND}


@dataclass(frozen=True)
class Collection:
    """A data set of the catalogue: its name, title, and what it is, with its files."""

    name: str
    title: str
    description: str
    files: Sequence[File]


def void(source: Source, files: Iterable[File]) -> bytes:
    """Return the VoID description of the graph; `files` are its dumps."""
    return _written([*_dataset(source, files), *_statistics(source), *_linksets(source)])


def dcat(source: Source, collections: Iterable[Collection]) -> bytes:
    """Return the DCAT 3 description of all data sets with their files."""
    return _written([*_catalogue(source, list(collections))])


def dataset_iri(name: str = "graph") -> NamedNode:
    """Return the IRI of a data set.

    >>> dataset_iri().value
    'https://w3id.org/trilogue/void.ttl#graph'
    """
    return _own(name)


def _written(triples: Iterable[Triple]) -> bytes:
    return forms.written(forms.ordered(set(triples)), forms.FORMS["ttl"], BOUND)


def _own(name: str) -> NamedNode:
    return NamedNode(_OWN + re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-"))


def _say(subject: NamedNode, **said: Any) -> Iterator[Triple]:
    """Yield statements: `prefix_name=value`, where a value is a node, a number, or a list."""
    for name, values in said.items():
        prefix, _, local = name.partition("_")
        predicate = TYPE if name == "a" else NamedNode(_NAMES[prefix] + local)
        for value in values if isinstance(values, list | tuple) else [values]:
            node = Literal(value) if isinstance(value, int | str) else value
            yield Triple(subject, predicate, node)


def _term(prefix: str, local: str) -> NamedNode:
    return NamedNode(_NAMES[prefix] + local)


def _english(text: str) -> Literal:
    return Literal(text, language="en")


def _day(text: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + "date"))


def _common(source: Source, subject: NamedNode) -> Iterator[Triple]:
    """Yield what holds for each data set: who made it, when, and under which licence."""
    header, agent = source.header, _own("authors")
    yield from _say(
        subject,
        dcterms_license=NamedNode(header.licence),
        dcterms_creator=agent,
        dcterms_publisher=agent,
        dcterms_issued=_day(header.issued),
        dcterms_modified=_day(header.modified),
    )
    names = sorted({*header.creators, *header.publishers})
    yield from _say(agent, a=_term("foaf", "Agent"), foaf_name=names)


def _dataset(source: Source, files: Iterable[File]) -> Iterator[Triple]:
    dataset = dataset_iri()
    document = NamedNode(_OWN.removesuffix("#"))
    yield from _say(
        document,
        a=_term("void", "DatasetDescription"),
        dcterms_title=_english("Description of the graph"),
        foaf_primaryTopic=dataset,
    )
    yield from _common(source, dataset)
    yield from _say(
        dataset,
        a=[_term("void", "Dataset"), _term("dcat", "Dataset")],
        dcterms_title=_english("Trilogue"),
        dcterms_description=_english(source.header.description),
        foaf_homepage=NamedNode(source.address),
        void_uriSpace=THINGS,
        void_feature=[NamedNode(_FORMATS + name.replace("-", "_")) for name in _FEATURES],
        void_dataDump=[NamedNode(source.address + file.path) for file in files],
        void_vocabulary=[NamedNode(iri) for iri in _vocabularies(source)],
        void_exampleResource=list(_examples(source)),
        void_rootResource=NamedNode(ONTOLOGY),
    )
    if source.endpoint:
        yield from _say(dataset, void_sparqlEndpoint=NamedNode(source.endpoint))


def _vocabularies(source: Source) -> list[str]:
    """Return the namespaces of the properties and classes in use that the project names."""
    used = {quad.predicate.value for quad in source.quads}
    used |= {iri_of(quad.object) for quad in source.quads if quad.predicate == TYPE}
    return sorted({space for iri in used for space in PREFIXES.values() if iri.startswith(space)})


def _examples(source: Source) -> Iterator[NamedNode]:
    """Yield the thing of each of the largest kinds that most is said of."""
    said = Counter(iri_of(quad.subject) for quad in source.quads)
    largest = sorted(source.kinds.items(), key=lambda item: (-len(item[1]), item[0]))
    for kind, nodes in largest[:6]:
        if kind != "ns":
            yield max(nodes, key=lambda node: (said[node.value], node.value))


def _statistics(source: Source) -> Iterator[Triple]:
    triples = {quad.triple for quad in source.quads}
    subjects = {triple.subject for triple in triples}
    members: dict[NamedNode, set[Any]] = defaultdict(set)
    for triple in triples:
        if triple.predicate == TYPE and isinstance(triple.object, NamedNode):
            members[triple.object].add(triple.subject)
    properties = Counter(triple.predicate for triple in triples)
    entities = {node for node in subjects if iri_of(node).startswith(THINGS)}
    yield from _say(
        dataset_iri(),
        void_triples=len(triples),
        void_entities=len(entities),
        void_distinctSubjects=len(subjects),
        void_distinctObjects=len({triple.object for triple in triples}),
        void_classes=len(members),
        void_properties=len(properties),
    )
    for class_, found in members.items():
        part = _own(f"class {compact(class_.value)}")
        yield from _say(dataset_iri(), void_classPartition=part)
        yield from _say(
            part, a=_term("void", "Dataset"), void_class=class_, void_entities=len(found)
        )
    for prop, count in properties.items():
        part = _own(f"property {compact(prop.value)}")
        yield from _say(dataset_iri(), void_propertyPartition=part)
        yield from _say(part, a=_term("void", "Dataset"), void_property=prop, void_triples=count)


def _linksets(source: Source) -> Iterator[Triple]:
    """Yield the sets of links to other data sets: those of the rows, and the alignments."""
    sets: dict[tuple[NamedNode, str], set[Triple]] = defaultdict(set)
    for quad in source.quads:
        space = _space(quad) if quad.predicate in LINKS else ""
        if space:
            sets[quad.predicate, space].add(quad.triple)
    for (prop, space), links in sets.items():
        name = f"links {compact(prop.value)} {urlsplit(space).netloc}"
        yield from _linkset(name, dataset_iri(), [prop], space, len(links))
    for name, content in source.alignments.items():
        found = list(parse(content, format=RdfFormat.TURTLE))
        spaces = sorted({_namespace(iri_of(quad.object)) for quad in found})
        for space in spaces:
            of_space = [quad for quad in found if iri_of(quad.object).startswith(space)]
            used = sorted({quad.predicate for quad in of_space}, key=str)
            title = f"alignment {name}" if len(spaces) == 1 else f"alignment {name} {space}"
            yield from _linkset(title, dataset_iri(), used, space, len(of_space))
            dump = NamedNode(f"{source.address}alignments/{name}.ttl")
            yield from _say(_own(title), void_dataDump=dump)


def _linkset(
    name: str, dataset: NamedNode, used: list[NamedNode], space: str, count: int
) -> Iterator[Triple]:
    itself, target = _own(name), _own(f"target {space}")
    yield from _say(dataset, void_subset=itself)
    yield from _say(
        itself,
        a=_term("void", "Linkset"),
        void_subjectsTarget=dataset,
        void_objectsTarget=target,
        void_linkPredicate=used,
        void_triples=count,
    )
    yield from _say(target, a=_term("void", "Dataset"), void_uriSpace=space)


def _space(quad: Quad) -> str:
    """Return the host that a link of a thing of ours leads to, if it leads out."""
    subject, target = iri_of(quad.subject), iri_of(quad.object)
    parts = urlsplit(target)
    leads_out = parts.netloc and not target.startswith((THINGS, TERMS))
    ours = subject.startswith((THINGS, TERMS)) and not isinstance(quad.object, BlankNode)
    return f"{parts.scheme}://{parts.netloc}/" if leads_out and ours else ""


def _namespace(iri: str) -> str:
    """Return the namespace of a term.

    >>> _namespace("http://www.w3.org/ns/opengov#onBehalfOf")
    'http://www.w3.org/ns/opengov#'
    """
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _catalogue(source: Source, collections: list[Collection]) -> Iterator[Triple]:
    catalogue = _own("catalogue")
    yield from _common(source, catalogue)
    yield from _say(
        catalogue,
        a=_term("dcat", "Catalog"),
        dcterms_title=_english("Trilogue: data sets"),
        dcterms_description=_english("The graph, its ontology, its rows and tables made from it."),
        foaf_homepage=NamedNode(source.address),
        dcat_dataset=[_own(item.name) for item in collections],
    )
    for item in collections:
        yield from _common(source, _own(item.name))
        yield from _collection(source, item)
    if source.endpoint:
        service = _own("endpoint")
        yield from _say(catalogue, dcat_service=service)
        yield from _say(
            service,
            a=_term("dcat", "DataService"),
            dcterms_title=_english("SPARQL endpoint"),
            dcterms_conformsTo=NamedNode("http://www.w3.org/TR/sparql11-protocol/"),
            dcat_endpointURL=NamedNode(source.endpoint),
            dcat_servesDataset=dataset_iri(),
        )


def _collection(source: Source, item: Collection) -> Iterator[Triple]:
    itself, header = _own(item.name), source.header
    yield from _say(
        itself,
        a=_term("dcat", "Dataset"),
        dcterms_title=_english(item.title),
        dcterms_description=_english(item.description),
        dcat_version=header.version,
        dcat_landingPage=NamedNode(source.address + "downloads.html"),
        dcat_keyword=[_english(word) for word in _keywords(source)],
        dcat_distribution=[_own(f"file {file.path}") for file in item.files],
    )
    for file in item.files:
        yield from _distribution(source, file)


def _keywords(source: Source) -> list[str]:
    """Return the keywords of the project's citation file."""
    text = (source.project.root / "CITATION.cff").read_text("utf-8")
    listed = text.partition("\nkeywords:\n")[2]
    return re.findall(r"^ +- (.+)$", listed, re.MULTILINE)


def _distribution(source: Source, file: File) -> Iterator[Triple]:
    itself, checksum = _own(f"file {file.path}"), _own(f"sum {file.path}")
    address = NamedNode(source.address + file.path)
    yield from _say(
        itself,
        a=_term("dcat", "Distribution"),
        dcterms_title=_english(file.path.rpartition("/")[2]),
        dcterms_description=_english(file.description),
        dcterms_license=NamedNode(source.header.licence),
        dcat_accessURL=address,
        dcat_downloadURL=address,
        dcat_mediaType=NamedNode(MEDIA_TYPES + file.media_type),
        dcat_byteSize=Literal(str(file.size), datatype=NamedNode(XSD + "nonNegativeInteger")),
        spdx_checksum=checksum,
    )
    if file.compressed:
        gzip = NamedNode(MEDIA_TYPES + "application/gzip")
        yield from _say(itself, dcat_compressFormat=gzip)
    yield from _say(
        checksum,
        a=_term("spdx", "Checksum"),
        spdx_algorithm=_term("spdx", "checksumAlgorithm_sha256"),
        spdx_checksumValue=Literal(file.checksum, datatype=NamedNode(XSD + "hexBinary")),
    )
