"""OIPs, the article's *original input patterns*: pictures that drive a chosen part of the network strongly.

Gradient ascent on a picture is four independent choices: the objective, the start, the parametrisation of the
picture with its robustness, and the update rule. After C. Olah, A. Mordvintsev, L. Schubert, "Feature
visualization", Distill 2017, doi 10.23915/distill.00007.
"""
