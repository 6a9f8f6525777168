"""Path queries on Apache Spark: acts that no single machine can go through in time."""
