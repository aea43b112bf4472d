# ---
# jupyter:
#   jupytext:
#     custom_cell_magics: hunt_kql
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Linux host explorer
#
# One Linux host may be compromised. This notebook takes you from *which host, and when* through
# hypotheses to a verdict and the evidence for it. It reads a Microsoft Sentinel workspace, an
# Azure Data Explorer database, or a folder of raw logs, and asks all of them the same questions.
#
# 1. [Set-up](#setup)
# 2. [Window and host](#scope)
# 3. [Host summary](#host)
# 4. [How to use this notebook](#use)
# 5. [Alerts and bookmarks](#alerts)
# 6. [Re-scope](#rescope)
# 7. [Host logon events](#logons)
# 8. [Session](#session)
# 9. [User activity](#users)
# 10. [Application activity](#applications)
# 11. [Network activity](#network)
# 12. [Threat intelligence](#intel)
# 13. [Verdict](#verdict)
# 14. [Your own KQL](#kql)
# 15. [Configuration](#configuration)

# %% [markdown]
# <a id="setup"></a>
# ## 1. Set-up
#
# `SOURCE` is a folder, file or archive of logs, a case (`linuxhunt ingest`),
# `"kusto:<cluster>/<database>"`, the name of a workspace in msticpyconfig.yaml, or
# `"workspace:<id>@<tenant>"`. `None` takes the default workspace of msticpyconfig.yaml, else the
# sample incident. Times are UTC. What is `None` below can be picked by the widgets further down.

# %% tags=["parameters"]
SOURCE = HOST = None
START = END = None
SESSION = SUDO = USER = PROGRAM = ADDRESS = ALERT = None
AROUND = EXPORT = None
OPTIONS = {}

# %%
import linuxhunt

linuxhunt.setup()

# %%
hunt = linuxhunt.connect(SOURCE, start=START, end=END, host=HOST, **OPTIONS)
hunt.source.show()

# %% [markdown]
# Another source, or another way to sign in: fill in the form. The sections below follow.

# %%
hunt.source.pick()

# %% [markdown]
# Tables and columns that the source has; type into the search box.

# %%
hunt.schema

# %% [markdown]
# <a id="scope"></a>
# ## 2. Window and host
#
# The window says which events count. Hosts are ranked by what makes them worth a look: alerts,
# failed logons, new accounts, when they were last seen. Sections that are already shown follow
# what you pick.

# %%
hunt.pick_window()

# %%
hunt.pick_host(HOST)

# %% [markdown]
# <a id="host"></a>
# ## 3. Host summary
#
# What the logs say about the host itself, which programs wrote to them, and how far they reach. A
# gap in them is a fact, too: an intruder may have made it.

# %%
hunt.host.show()

# %% [markdown]
# <a id="use"></a>
# ## 4. How to use this notebook
#
# - Each section below asks one question and stands on its own: run them in any order, again after
#   each change of window or host, or let the widgets refresh what is shown.
# - A section begins with its verdict: **supported**, **not supported** by what was seen, or
#   **cannot tell** because data is missing. "Seen" says what it stands on, and whether that is
#   whole. No data is never the same as nothing found.
# - Each finding names its ATT&CK technique, its reason and its records; open *evidence* for the
#   log lines themselves.
# - *Investigate* sends a user, an address, a session, a process or a program to the section about
#   it: that section's picker is set, and a link leads there.
# - The frames behind a section are yours: `hunt.logons.sessions`, `hunt.applications.processes`,
#   `hunt.findings`, `hunt.events["sudo"]` and so on for every kind of event. All times are UTC,
#   columns are those of ASIM. Secrets are masked in what is shown, not in these frames.

# %% [markdown]
# <a id="alerts"></a>
# ## 5. Alerts and bookmarks
#
# What other products have already noticed on this host, and what colleagues have marked.

# %%
hunt.alerts.show()

# %% [markdown]
# Pick an alert to see it whole, with its entities and what happened near it.

# %%
hunt.alerts.pick(ALERT)

# %%
hunt.alerts.alert.show()

# %%
hunt.alerts.alert.investigate()

# %% [markdown]
# <a id="rescope"></a>
# ## 6. Re-scope
#
# Narrow the window around the picked alert, or around any finding. Every section says so until you
# go back.

# %%
hunt.pick_rescope(AROUND)

# %% [markdown]
# <a id="logons"></a>
# ## 7. Host logon events
#
# Who got in, from where and how, who tried in vain, and which sessions are worth a look.

# %%
hunt.logons.show()

# %%
hunt.logons.investigate()

# %% [markdown]
# <a id="session"></a>
# ## 8. Session
#
# One session whole: who came from where, and what was run and changed in it. Those worth a look come
# first.

# %%
hunt.session.pick(SESSION)

# %%
hunt.session.show()

# %% [markdown]
# Pick a run of sudo commands in it: what they were, the indicators in them, and who knows those.

# %%
hunt.session.pick_sudo(SUDO)

# %%
hunt.session.sudo.show()

# %%
hunt.session.investigate()

# %% [markdown]
# <a id="users"></a>
# ## 9. User activity
#
# Each account ranked, and one of them whole: what it did, and how that differs from its own past and
# from the others.

# %%
hunt.users.pick(USER)

# %%
hunt.users.show()

# %%
hunt.users.investigate()

# %% [markdown]
# <a id="applications"></a>
# ## 10. Application activity
#
# What ran is told by audit, Sysmon or Defender; where none of them is there, sudo and cron say a part
# of it.

# %%
hunt.applications.show()

# %%
hunt.applications.investigate()

# %% [markdown]
# Pick a program: how much it logs, what in that is grave or rare, what it started.

# %%
hunt.applications.pick(PROGRAM)

# %%
hunt.applications.program.show()

# %% [markdown]
# <a id="network"></a>
# ## 11. Network activity
#
# Whom the host talked to and who called it, what talks at regular intervals, and what is new.

# %%
hunt.network.show()

# %% [markdown]
# Pick networks, then an address in them: who it is, and every row that names it.

# %%
hunt.network.pick(ADDRESS)

# %%
hunt.network.address.show()

# %%
hunt.network.investigate()

# %% [markdown]
# Who is behind addresses: registries (RDAP) and DNS say. The form shows what would go to whom;
# nothing leaves until you send it, and private addresses and those of your own never do.

# %%
hunt.who.ask()

# %%
hunt.who.show()

# %% [markdown]
# <a id="intel"></a>
# ## 12. Threat intelligence
#
# Nothing leaves this machine by itself. Files of indicators and the workspace's own table have been
# asked already; here you see what would be sent to whom, and send it.

# %%
hunt.intel.ask()

# %% [markdown]
# <a id="verdict"></a>
# ## 13. Verdict
#
# Every hypothesis with its verdict, what the findings have to do with one another, and the export.

# %%
hunt.verdict.show()

# %%
hunt.verdict.notes()

# %%
hunt.verdict.export(EXPORT)

# %% [markdown]
# <a id="kql"></a>
# ## 14. Your own KQL
#
# `%%hunt_kql` runs on whatever the hunt is connected to and returns a DataFrame; give it a name
# with `%%hunt_kql name`.

# %% language="hunt_kql"
# Syslog
# | summarize Lines = count() by ProcessName
# | top 10 by Lines

# %% [markdown]
# Who prefers Kqlmagic's `%kql`: `linuxhunt.kqlmagic(True)` loads it, connected to the same source.

# %%
linuxhunt.kqlmagic(False)

# %% [markdown]
# <a id="configuration"></a>
# ## 15. Configuration
#
# Workspaces, clusters and keys are read from `msticpyconfig.yaml` (in this folder, or where the
# environment's `MSTICPYCONFIG` says); `msticpyconfig.yaml.example` shows each entry.

# %%
linuxhunt.configuration(SOURCE)
