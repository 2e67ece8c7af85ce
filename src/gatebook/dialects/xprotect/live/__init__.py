"""What the socket is made of. It imports the mapping and the words, and no resource."""
