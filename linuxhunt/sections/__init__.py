"""One file a hypothesis; pure: tables in, findings and a verdict out."""

from linuxhunt.sections.finding import Finding, Tables, Verdict, findings_frame, judge

__all__ = ["Finding", "Tables", "Verdict", "findings_frame", "judge"]
