"""The command line: what people and `make up` do with a stack from outside it.

Speaks HTTP to the API like any client; asks AWS itself for dead letters and the log's key only.
"""
