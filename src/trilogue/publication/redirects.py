"""Rules for w3id.org, which lead from the names of the graph to where the site stands.

A client that accepts HTML gets the page, one that asks for a form of RDF the data, both by 303;
Apache's conditions see which types a client names, not how much it wants each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trilogue.publication import forms
from trilogue.publication.source import Source

_NAME = "[a-z0-9-]+"


def htaccess(source: Source) -> bytes:
    """Return the `.htaccess` of the project's folder at w3id.org."""
    lines = [
        f"# {source.header.title}: {source.address}",
        "Options +FollowSymLinks",
        "RewriteEngine on",
        *_rules(
            source.address,
            f"^id/((?:row|graph)/{_NAME})$",
            forms.OF_GRAPHS,
            "data/$1",
            "page/$1.html",
        ),
        *_rules(
            source.address, f"^id/({_NAME}/{_NAME})$", forms.OF_THINGS, "data/$1", "page/$1.html"
        ),
        *_rules(
            source.address,
            "^ns(?:/[0-9.]+)?/?$",
            forms.OF_ONTOLOGY,
            "ontology/trilogue",
            "ontology/index.html",
        ),
        "# Everything else stands under the same path.",
        f"RewriteRule ^(.*)$ {source.address}$1 [R=302,L]",
    ]
    return ("\n".join(lines) + "\n").encode()


def follow(rules: str, path: str, accept: str) -> tuple[int, str]:
    """Return the status and address that rules of ours give, read as Apache's mod_rewrite does.

    Raises `ValueError` where no rule applies: Apache would refuse the request.
    """
    holds = True
    for line in rules.splitlines():
        word, _, rest = line.partition(" ")
        if word == "RewriteCond":
            pattern = rest.split()[1]
            holds = re.search(pattern, accept, re.IGNORECASE) is not None
        elif word == "RewriteRule":
            pattern, target, flags = rest.split()
            match = re.search(pattern, path)
            status = re.search(r"R=(\d+)", flags)
            if match and holds and status:
                return int(status[1]), match.expand(re.sub(r"\$(\d)", r"\\\1", target))
            holds = True
    raise ValueError(f"no rule for {path}")


def readme(source: Source) -> bytes:
    """Return the README that w3id.org asks for."""
    header = source.header
    lines = [
        f"# {header.title}",
        "",
        header.description,
        "",
        f"- Site: {source.address}",
        f"- Licence: {header.licence}",
        f"- Maintainers: {', '.join(header.creators)}",
        "",
        "The rules in `.htaccess` are made by `trilogue publish`: things and terms lead by 303 to",
        "a page or to data, by what the client accepts; all else to the same path of the site.",
    ]
    return ("\n".join(lines) + "\n").encode()


def _rules(
    address: str, pattern: str, offered: tuple[str, ...], data: str, page: str
) -> Iterator[str]:
    end = "[R=303,L]"
    yield ""
    yield r"RewriteCond %{HTTP_ACCEPT} text/html|application/xhtml\+xml [NC]"
    yield f"RewriteRule {pattern} {address}{page} {end}"
    for form in offered:
        media_type = re.escape(forms.FORMS[form].media_type).replace(r"\-", "-")
        yield f"RewriteCond %{{HTTP_ACCEPT}} {media_type} [NC]"
        yield f"RewriteRule {pattern} {address}{data}.{form} {end}"
    yield f"RewriteRule {pattern} {address}{page} {end}"
