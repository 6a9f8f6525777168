"""Proof that the checks can fail: rows and axioms are spoilt on purpose, and must be found."""
