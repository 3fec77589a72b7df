-- Writes totals, each unless a newer version is there, and returns each user's present rank.
--
-- KEYS[4] order and KEYS[5] users of the epoch that is being built, when there is one.
-- ARGV[3] packed totals, 48 bytes each: user (16), version, event id, updated, -score (8 each). A
-- user stands there once.
-- A suspended user, whose event id is 0, leaves the order, and has rank 0.
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
  local fields, left, members, negatives, added, suspended = {}, {}, {}, {}, 0, 0
  for i, user in ipairs(ids) do
    local at, old = 48 * i - 31, known[i]
    local held, new = old and struct.unpack('>I8', old), struct.unpack('>I8', totals, at)
    local packed = string.sub(totals, at, at + 23)
    local was, is = old and member_of(user, old), member_of(user, packed)
    negatives[i] = is and struct.unpack('>i8', totals, at + 24) or false
    if not old or held < new then
      if not old then
        added = added + 1
      elseif was then
        left[#left + 1] = was
      else
        suspended = suspended - 1
      end
      fields[#fields + 1] = user
      fields[#fields + 1] = packed
      if is then
        members[#members + 1] = negatives[i]
        members[#members + 1] = is
      else
        suspended = suspended + 1
      end
    elseif held > new or was ~= is then
      negatives[i] = was and tonumber(redis.call('ZSCORE', order, was)) or false
    end
  end
  if #left > 0 then redis.call('ZREM', order, unpack(left)) end
  if #fields > 0 then redis.call('HSET', users, unpack(fields)) end
  if #members > 0 then redis.call('ZADD', order, unpack(members)) end
  if suspended ~= 0 then redis.call('HINCRBY', meta, 'suspended:' .. epoch, suspended) end
  if added > 0 then redis.call('HINCRBY', meta, 'count:' .. epoch, added) end
  return negatives
end

local reply = {'ok'}
if live ~= '' then
  -- Ranks only now: all of the batch has moved.
  for i, negative in ipairs(write(live, KEYS[2], KEYS[3])) do
    local above = negative and redis.call('ZCOUNT', KEYS[2], '-inf', string.format('(%.0f', negative))
    reply[i + 1] = above and above + 1 or 0
  end
end
if building ~= '' then write(building, KEYS[4], KEYS[5]) end
return reply
