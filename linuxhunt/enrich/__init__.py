"""What is known about an address or an indicator: places, owners, names, threat intelligence.

The only code of the package that talks to anybody but the workspace. It asks outside only where
the analyst asked for it, and never about private addresses, host names or user names.
"""
