"""Statistics of a cohort, by scipy, statsmodels and scikit-learn.

estimates     what every number comes with: a denominator, a method, a reason where it is missing;
              shares and intervals that hold although two hips are of one patient
gradings      rows as gradings; the reference that models are held against
  incidence     what there is to count, and the share of each grade at a time point
  progression   how grades change from one time point to the next
  agreement     readers against one another
    crosswalk   Della Valle where it was not graded, by Brooker
    accuracy    a model against the reference, and whether its probabilities are true
"""
