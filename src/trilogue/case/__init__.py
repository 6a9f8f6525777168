"""The case that the evidence makes: tests of rival explanations, and how far they hold."""
