"""What programs ask beyond SPARQL, answered as plain data; nothing here knows of HTTP.

`openapi.json` describes each question with its parameters and the shape of its answer, and the
parameters are read by that description.
"""
