"""How long reasoning and checks take, beside their peers, and how that grows."""
