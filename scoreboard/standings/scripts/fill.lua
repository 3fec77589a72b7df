-- Puts a slice of the ledger into the epoch that is being built. Unlike apply it ranks nobody, and
-- writes all of the slice with one HSET and one ZADD.
--
-- KEYS[4] order and KEYS[5] users of the epoch that is being built.
-- ARGV[3] the epoch that the caller builds; ARGV[4] packed totals, 48 bytes each: user (16),
-- version, event id (0: suspended), updated, -score (8 each). A user stands there once; none only tells that the
-- build is still somebody's.
-- Returns {'ok'}, {'moved', …}, {'taken'} or {'incomplete'}. What a writer brought meanwhile stays
-- where it is newer.
local elsewhere = moved()
if elsewhere then return elsewhere end
if building ~= ARGV[3] then return {'taken'} end
-- Writers that are refused by a damaged live epoch did not reach this one either.
if live ~= '' and incomplete() then return {'incomplete'} end

tell_progress()
if ARGV[4] == '' then return {'ok'} end

local order, users, totals = KEYS[4], KEYS[5], ARGV[4]
local ids = {}
for at = 1, #totals, 48 do
  ids[#ids + 1] = string.sub(totals, at, at + 15)
end
local known = redis.call('HMGET', users, unpack(ids))
local fields, members, added, suspended = {}, {}, 0, 0
for i, user in ipairs(ids) do
  local at, old = 48 * i - 31, known[i]
  if not old or struct.unpack('>I8', old) < struct.unpack('>I8', totals, at) then
    local packed = string.sub(totals, at, at + 23)
    local was, is = old and member_of(user, old), member_of(user, packed)
    if not old then
      added = added + 1
    elseif was then
      redis.call('ZREM', order, was)
    else
      suspended = suspended - 1
    end
    fields[#fields + 1] = user
    fields[#fields + 1] = packed
    if is then
      -- As an argument Redis prints a number with 17 digits, so every score stays exact.
      members[#members + 1] = struct.unpack('>i8', totals, at + 24)
      members[#members + 1] = is
    else
      suspended = suspended + 1
    end
  end
end
if #fields > 0 then
  redis.call('HSET', users, unpack(fields))
  if #members > 0 then redis.call('ZADD', order, unpack(members)) end
  redis.call('HINCRBY', meta, 'suspended:' .. building, suspended)
  redis.call('HINCRBY', meta, 'count:' .. building, added)
end
return {'ok'}
