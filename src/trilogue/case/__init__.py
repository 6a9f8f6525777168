"""The case: why the rules changed, the rival explanations, and what speaks for each."""
