-- Which totals of the ledger the live epoch does not hold just so.
-- ARGV[3] the epoch to compare; ARGV[4] packed totals, 48 bytes each: user (16), version, event id,
-- updated, -score (8 each).
-- Returns {'ok', user, packed as held or ''…} of those that differ, {'moved', …} or {'gone'}.
local elsewhere = moved()
if elsewhere then return elsewhere end
if live ~= ARGV[3] then return {'gone'} end

local order, users, totals = KEYS[2], KEYS[3], ARGV[4]
local ids, members = {}, {}
for at = 1, #totals, 48 do
  local user = string.sub(totals, at, at + 15)
  ids[#ids + 1] = user
  members[#members + 1] = string.sub(totals, at + 24, at + 31) .. user
end
local held = redis.call('HMGET', users, unpack(ids))
local scores = redis.call('ZMSCORE', order, unpack(members))

local reply = {'ok'}
for i, user in ipairs(ids) do
  local at = 48 * i - 31
  local is_same = held[i] == string.sub(totals, at, at + 23)
    and (not member_of(user, held[i])
      or scores[i] and tonumber(scores[i]) == struct.unpack('>i8', totals, at + 24))
  if not is_same then
    reply[#reply + 1] = user
    reply[#reply + 1] = held[i] or ''
  end
end
return reply
