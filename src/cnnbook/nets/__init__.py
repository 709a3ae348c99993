"""The network: its layers, its fast convolution, and what each unit sees."""
