"""Real daemons, driven by a plan, read back through linuxhunt."""
