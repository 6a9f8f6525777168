"""What the case of a dossier rests on, computed: attainment, likelihoods, robustness."""
