"""SQL that reads Azure's flow tuples, once they are taken out of the JSON (see flow_logs)."""

from __future__ import annotations

__all__ = ["INSERT", "PARSED"]

_PORT = "TRY_CAST({0} AS INTEGER) BETWEEN 0 AND 65535"
_ADDRESS = "regexp_full_match({0}, '[0-9a-fA-F:.]*[.:][0-9a-fA-F:.]*')"
_COUNT = "({0} = '' OR TRY_CAST({0} AS BIGINT) >= 0)"

PARSED = f"""
CREATE OR REPLACE TEMP TABLE flow_tuples AS
WITH split AS (
    SELECT *, string_split(text, ',') AS part,
        coalesce(category = 'FlowLogFlowEvent', false) AS vnet
    FROM flow_batch
), named AS (
    SELECT * EXCLUDE (part, reason), reason AS refused, len(part) AS fields,
        trim(part[1]) AS stamp, trim(part[2]) AS source, trim(part[3]) AS target,
        trim(part[4]) AS source_port, trim(part[5]) AS port, upper(trim(part[6])) AS protocol,
        upper(trim(part[7])) AS direction,
        CASE WHEN vnet THEN CASE WHEN part[8] = 'D' THEN 'D' ELSE 'A' END
            ELSE upper(trim(part[8])) END AS decision,
        nullif(upper(trim(CASE WHEN vnet THEN part[8] ELSE part[9] END)), '') AS state,
        CASE WHEN vnet THEN nullif(trim(part[9]), '') END AS encryption,
        trim(part[10]) AS sent_packets, trim(part[11]) AS sent_bytes,
        trim(part[12]) AS received_packets, trim(part[13]) AS received_bytes
    FROM split
), timed AS (
    SELECT *, TRY_CAST(stamp AS BIGINT) AS whole FROM named
), clocked AS (  -- seconds, or milliseconds, which are a thousand times as many
    SELECT *, CASE WHEN whole > 100000000000 THEN whole * 1000 ELSE whole * 1000000 END AS us
    FROM timed
)
SELECT *, CASE
    WHEN refused IS NOT NULL THEN refused
    WHEN vnet AND fields <> 13 THEN 'a flow tuple of ' || fields || ' values, not 13'
    WHEN NOT vnet AND fields NOT IN (8, 13)
        THEN 'a flow tuple of ' || fields || ' values, not 8 or 13'
    WHEN us IS NULL OR us NOT BETWEEN 0 AND 9000000000000000 THEN 'its stamp is no time'
    WHEN NOT ({_ADDRESS.format("source")} AND {_ADDRESS.format("target")})
        THEN 'an address is none'
    WHEN NOT coalesce({_PORT.format("source_port")} AND {_PORT.format("port")}, false)
        THEN 'a port is none'
    WHEN direction NOT IN ('I', 'O') THEN 'its direction is neither I nor O'
    WHEN decision NOT IN ('A', 'D') THEN 'its decision is neither A nor D'
    WHEN fields = 13 AND coalesce(state, '') NOT IN ('B', 'C', 'E', 'D')
        THEN 'its flow state is none of B, C, E, D'
    WHEN fields = 13 AND NOT coalesce({
    " AND ".join(
        _COUNT.format(name)
        for name in ("sent_packets", "sent_bytes", "received_packets", "received_bytes")
    )
}, false) THEN 'a count is no number'
    END AS reason
FROM clocked
"""
"""Table ``flow_tuples`` of ``flow_batch`` (file, line, text, reason, time, category, rule,
mac, resource, acl).
"""

INSERT = """
INSERT INTO main.ASimNetworkSessionLogs BY NAME
SELECT make_timestamp(us) AS TimeGenerated, make_timestamp(us) AS EventStartTime,
    make_timestamp(us) AS EventEndTime, 'Flow' AS EventType, 1 AS EventCount,
    CASE state WHEN 'B' THEN 'Start' WHEN 'E' THEN 'End' END AS EventSubType,
    state AS EventOriginalSubType, category AS EventOriginalType,
    CASE WHEN vnet THEN 'VNet flow logs' ELSE 'NSG flow logs' END AS EventProduct,
    'Microsoft' AS EventVendor, '0.2.6' AS EventSchemaVersion,
    regexp_extract(resource, '([^/]+)/*$', 1) AS Dvc, mac AS DvcMacAddr,
    lower(resource) AS _ResourceId,
    source AS SrcIpAddr, TRY_CAST(source_port AS INTEGER) AS SrcPortNumber,
    target AS DstIpAddr, TRY_CAST(port AS INTEGER) AS DstPortNumber,
    CASE protocol WHEN 'T' THEN 'TCP' WHEN 'U' THEN 'UDP' WHEN '6' THEN 'TCP' WHEN '17' THEN 'UDP'
        WHEN '1' THEN 'ICMP' WHEN '58' THEN 'ICMPV6' ELSE protocol END AS NetworkProtocol,
    CASE direction WHEN 'I' THEN 'Inbound' ELSE 'Outbound' END AS NetworkDirection,
    CASE decision WHEN 'A' THEN 'Allow' ELSE 'Deny' END AS DvcAction,
    decision AS DvcOriginalAction,
    CASE decision WHEN 'A' THEN 'Success' ELSE 'Failure' END AS EventResult,
    TRY_CAST(sent_bytes AS BIGINT) AS SrcBytes, TRY_CAST(received_bytes AS BIGINT) AS DstBytes,
    TRY_CAST(sent_packets AS BIGINT) AS SrcPackets,
    TRY_CAST(received_packets AS BIGINT) AS DstPackets,
    rule AS NetworkRuleName,
    json_merge_patch('{{}}', json_object('encryption', encryption, 'aclID', acl))
        AS AdditionalFields,
    'ASimNetworkSessionLogs' AS Type, {item} AS _ItemId
FROM flow_tuples WHERE reason IS NULL ORDER BY file, line
"""
"""Write what was understood; ``item`` is the SQL of the record id."""
