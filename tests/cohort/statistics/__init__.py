"""Statistics of a cohort, against published worked examples."""
