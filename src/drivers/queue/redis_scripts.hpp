// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace nexpo::drivers {

// What Redis does at once (https://redis.io/docs/latest/develop/programmability/eval-intro/). KEYS: the stream, the
// sorted set of delayed messages by the millisecond when they are due, the stream of dead ones. An entry of a stream
// has the fields b (body) and n (deliveries of the entries that it stood in before). The server's clock is the only
// one.

/// ARGV: milliseconds, body, earlier deliveries.
constexpr char const* kRedisDelay = R"lua(
local time = redis.call('TIME')
local due = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[1]
local number = redis.call('INCR', KEYS[2] .. ':number')
redis.call('ZADD', KEYS[2], string.format('%.0f', due), string.format('%.0f', number) .. ':' .. ARGV[3] .. ':' .. ARGV[2])
return 1
)lua";

/// ARGV: most, lease in milliseconds, most deliveries, where to look for ended leases from, longest body.
/// Answers where to look on, milliseconds until something is due or -1, the stream's last id, then id, count within the
/// stream, all deliveries and body of each.
constexpr char const* kRedisTake = R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now), 'LIMIT', 0, 100)) do
    local before, body = string.match(member, '^%d+:(%d+):(.*)$')
    if before then redis.call('XADD', KEYS[1], '*', 'b', body, 'n', before) end
    redis.call('ZREM', KEYS[2], member)
end
local taken = {}
local function take(entry, count)
    if type(entry) ~= 'table' or type(entry[2]) ~= 'table' then return end
    local id, body, before = entry[1], nil, 0
    for at = 1, #entry[2], 2 do
        if entry[2][at] == 'b' then body = entry[2][at + 1] end
        if entry[2][at] == 'n' then before = tonumber(entry[2][at + 1]) or 0 end
    end
    if not count then count = redis.call('XPENDING', KEYS[1], 'nexpo', id, id, 1)[1][4] end
    if body and #body <= tonumber(ARGV[5]) and before + count <= tonumber(ARGV[3]) then
        taken[#taken + 1] = {id, count, before + count, body}
        return
    end
    if body then redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, '*', 'b', body, 'n', before + count - 1) end
    redis.call('XACK', KEYS[1], 'nexpo', id)
    redis.call('XDEL', KEYS[1], id)
end
local ended = redis.call('XAUTOCLAIM', KEYS[1], 'nexpo', 'nexpo', ARGV[2], ARGV[4], 'COUNT', ARGV[1])
for _, entry in ipairs(ended[2]) do take(entry, nil) end
local room = tonumber(ARGV[1]) - #taken
if room > 0 then
    local fresh = redis.call('XREADGROUP', 'GROUP', 'nexpo', 'nexpo', 'COUNT', room, 'STREAMS', KEYS[1], '>')
    if fresh then for _, entry in ipairs(fresh[1][2]) do take(entry, 1) end end
end
local next = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
local facts = redis.call('XINFO', 'STREAM', KEYS[1])
local last = '0-0'
for at = 1, #facts, 2 do if facts[at] == 'last-generated-id' then last = facts[at + 1] end end
return {ended[1], next[2] and math.max(0, tonumber(next[2]) - now) or -1, last, taken}
)lua";

/// ARGV: id, count, what: `acknowledge`, `extend` or `release`, milliseconds. Answers 0 when the lease is another's.
constexpr char const* kRedisEnd = R"lua(
local pending = redis.call('XPENDING', KEYS[1], 'nexpo', ARGV[1], ARGV[1], 1)
if #pending == 0 or pending[1][4] ~= tonumber(ARGV[2]) then return 0 end
if ARGV[3] == 'extend' then
    return #redis.call('XCLAIM', KEYS[1], 'nexpo', 'nexpo', 0, ARGV[1], 'JUSTID')
end
if ARGV[3] == 'release' then
    local entry = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
    if not entry then return 0 end
    local body, before = '', 0
    for at = 1, #entry[2], 2 do
        if entry[2][at] == 'b' then body = entry[2][at + 1] end
        if entry[2][at] == 'n' then before = tonumber(entry[2][at + 1]) or 0 end
    end
    local count = string.format('%.0f', before + ARGV[2])
    if tonumber(ARGV[4]) == 0 then
        redis.call('XADD', KEYS[1], '*', 'b', body, 'n', count)
    else
        local time = redis.call('TIME')
        local due = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[4]
        local number = redis.call('INCR', KEYS[2] .. ':number')
        redis.call('ZADD', KEYS[2], string.format('%.0f', due),
                   string.format('%.0f', number) .. ':' .. count .. ':' .. body)
    end
end
redis.call('XACK', KEYS[1], 'nexpo', ARGV[1])
redis.call('XDEL', KEYS[1], ARGV[1])
return 1
)lua";

}  // namespace nexpo::drivers
