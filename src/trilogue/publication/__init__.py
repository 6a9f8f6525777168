"""The graph as a site: pages, data, descriptions and dumps, each a document with a path.

A document is made from the graph by its path alone, whether it is written to a folder or sent to
a client, so that a static site and a server cannot differ. Nothing here knows of HTTP.
"""
