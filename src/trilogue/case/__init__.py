"""The case that the evidence makes: tests of rival explanations, and how far they hold."""

CLAIMED, AGAINST = "small or medium enterprise", "large multinational"
"""The group that is claimed to have attained more, and the one that it is held against."""
