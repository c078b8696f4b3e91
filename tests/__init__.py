"""The suite: mirrors monitor/, with the recorded worlds in scenarios/ and the real servers in lab/."""
