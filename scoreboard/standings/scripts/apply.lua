-- Writes totals, each unless a newer version is there, and returns each user's present rank.
--
-- KEYS[4] order and KEYS[5] users of the epoch that is being built, when there is one.
-- ARGV[3…] per total: user (16 bytes), packed (version, event id, updated), -score as text. A user
-- stands there once.
-- Returns {'ok', rank…} (no ranks without a live epoch), {'moved', …} or {'incomplete'}.
-- Writers may race and repeat: an older version never replaces a newer one.
local elsewhere = moved()
if elsewhere then return elsewhere end
if live ~= '' and incomplete() then return {'incomplete'} end

local function write(epoch, order, users, user, packed, negative)
  local old = redis.call('HGET', users, user)
  if old then
    if struct.unpack('>I8', old) >= struct.unpack('>I8', packed) then
      return redis.call('ZSCORE', order, string.sub(old, 9, 16) .. user)
    end
    redis.call('ZREM', order, string.sub(old, 9, 16) .. user)
  else
    redis.call('HINCRBY', meta, 'count:' .. epoch, 1)
  end
  redis.call('HSET', users, user, packed)
  redis.call('ZADD', order, negative, string.sub(packed, 9, 16) .. user)
  return negative
end

local reply = {'ok'}
for i = 3, #ARGV, 3 do
  if live ~= '' then
    local negative = write(live, KEYS[2], KEYS[3], ARGV[i], ARGV[i + 1], ARGV[i + 2])
    reply[#reply + 1] = negative
  end
  if building ~= '' then
    write(building, KEYS[4], KEYS[5], ARGV[i], ARGV[i + 1], ARGV[i + 2])
  end
end
-- Ranks only now: all of the batch has moved.
for i = 2, #reply do
  reply[i] = redis.call('ZCOUNT', KEYS[2], '-inf', '(' .. reply[i]) + 1
end
return reply
