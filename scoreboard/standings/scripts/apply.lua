-- Writes totals, each unless a newer version is there, and returns each user's present rank.
--
-- KEYS[4] order and KEYS[5] users of the epoch that is being built, when there is one.
-- ARGV[3] packed totals, 48 bytes each: user (16), version, event id, updated, -score (8 each). A
-- user stands there once.
-- Returns {'ok', rank…} (no ranks without a live epoch), {'moved', …} or {'incomplete'}.
-- Writers may race and repeat: an older version never replaces a newer one.
local elsewhere = moved()
if elsewhere then return elsewhere end
if live ~= '' and incomplete() then return {'incomplete'} end

local totals = ARGV[3]
local ids = {}
for at = 1, #totals, 48 do
  ids[#ids + 1] = string.sub(totals, at, at + 15)
end

-- As an argument Redis prints a number with 17 digits, so every score stays exact.
local function write(epoch, order, users)
  local known = redis.call('HMGET', users, unpack(ids))
  local fields, left, members, negatives, added = {}, {}, {}, {}, 0
  for i, user in ipairs(ids) do
    local at, old = 48 * i - 31, known[i]
    local held, new = old and struct.unpack('>I8', old), struct.unpack('>I8', totals, at)
    negatives[i] = struct.unpack('>i8', totals, at + 24)
    if not old or held < new then
      if old then
        left[#left + 1] = string.sub(old, 9, 16) .. user
      else
        added = added + 1
      end
      fields[#fields + 1] = user
      fields[#fields + 1] = string.sub(totals, at, at + 23)
      members[#members + 1] = negatives[i]
      members[#members + 1] = string.sub(totals, at + 8, at + 15) .. user
    elseif held > new then
      negatives[i] = tonumber(redis.call('ZSCORE', order, string.sub(old, 9, 16) .. user))
    end
  end
  if #left > 0 then redis.call('ZREM', order, unpack(left)) end
  if #fields > 0 then
    redis.call('HSET', users, unpack(fields))
    redis.call('ZADD', order, unpack(members))
  end
  if added > 0 then redis.call('HINCRBY', meta, 'count:' .. epoch, added) end
  return negatives
end

local reply = {'ok'}
if live ~= '' then
  -- Ranks only now: all of the batch has moved.
  for i, negative in ipairs(write(live, KEYS[2], KEYS[3])) do
    reply[i + 1] = redis.call('ZCOUNT', KEYS[2], '-inf', string.format('(%.0f', negative)) + 1
  end
end
if building ~= '' then write(building, KEYS[4], KEYS[5]) end
return reply
