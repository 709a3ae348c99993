"""OIPs, the article's *original input patterns*: pictures that drive a chosen part of the network strongly.

An ascent is made of four choices that know nothing of each other: the objective (what is climbed), the start
(from where), the parameters of the picture with their robustness (in which steps it may move), and the update
(how far). After C. Olah, A. Mordvintsev, L. Schubert, "Feature visualization", Distill 2017, doi
10.23915/distill.00007.
"""
