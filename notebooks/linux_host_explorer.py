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
# 5. [Host logon events](#logons)
# 6. [Application activity](#applications)
# 7. [Your own KQL](#kql)
# 8. [Configuration](#configuration)

# %% [markdown]
# <a id="setup"></a>
# ## 1. Set-up
#
# `SOURCE` is a folder, file or archive of logs, a case (`linuxhunt ingest`),
# `"kusto:<cluster>/<database>"`, the name of a workspace in msticpyconfig.yaml, or
# `"workspace:<id>@<tenant>"`. `None` takes the default workspace of msticpyconfig.yaml, else the
# sample incident. Times are UTC. What is `None` below can be picked by the widgets further down.

# %% tags=["parameters"]
SOURCE = None
HOST = None
START = END = None
SESSION = None
OPTIONS = {}

# %%
import linuxhunt

linuxhunt.setup()

# %%
hunt = linuxhunt.connect(SOURCE, start=START, end=END, host=HOST, **OPTIONS)
hunt.source.show()

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
# What the logs say about the host itself, which programs wrote to them, and how far the logs
# reach. A gap in them is a fact, too: an intruder may have made it.

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
# - The frames behind a section are yours: `hunt.logons.logons`, `hunt.logons.sessions`,
#   `hunt.logons.findings`, `hunt.applications.processes`; `hunt.events["sudo"]` and so on has every
#   kind of event. All times are UTC, columns are those of ASIM.

# %% [markdown]
# <a id="logons"></a>
# ## 5. Host logon events
#
# Hypothesis: somebody used credentials that are not theirs to get in.

# %%
hunt.logons.show()

# %% [markdown]
# <a id="session"></a>
# Pick a session to see its lines and what it ran. Those worth a look come first.

# %%
hunt.session.pick(SESSION)

# %%
hunt.session.show()

# %% [markdown]
# <a id="applications"></a>
# ## 6. Application activity
#
# Hypothesis: an application or service on the host was exploited and runs what it should not. What
# ran is told by audit, Sysmon or Defender; where none of them is there, sudo and cron say a part of it.

# %%
hunt.applications.show()

# %% [markdown]
# <a id="kql"></a>
# ## 7. Your own KQL
#
# `%%hunt_kql` runs on whatever the hunt is connected to and returns a DataFrame; give it a name
# with `%%hunt_kql name`.

# %% language="hunt_kql"
# Syslog
# | summarize Lines = count() by ProcessName
# | top 10 by Lines

# %% [markdown]
# <a id="configuration"></a>
# ## 8. Configuration
#
# Workspaces, clusters and keys are read from `msticpyconfig.yaml` (in this folder, or where the
# environment's `MSTICPYCONFIG` says); `msticpyconfig.yaml.example` shows each entry.

# %%
linuxhunt.configuration(SOURCE)
