"""Statistics of a cohort, by scipy, statsmodels and scikit-learn."""
