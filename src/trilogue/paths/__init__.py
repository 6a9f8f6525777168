"""Influence paths: sequences of acts and relations that time, matter and evidence allow."""
