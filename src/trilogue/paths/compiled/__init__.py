"""The search for paths over millions of acts: an index in a mapped file, and compiled kernels."""
