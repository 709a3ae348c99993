"""The atlas: a record and a few small pictures for each of the 224 maps, made from results alone."""
