"""SPARQL 1.1 stores elsewhere: asking them, and loading the graph into them (`stores.md`)."""
