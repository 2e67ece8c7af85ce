"""The vocabulary: what the mapping and the resources both speak in. It imports nothing of the dialect."""
