-- Shared head of every script on standings.
--
-- KEYS[1] meta   hash: live, building (epochs), count:<epoch> (users), suspended:<epoch> (those of them
--                who are not in the order), run_id (of the server),
--                progressed_at (when the build was last worked on, Unix seconds of Redis)
-- KEYS[2] order  sorted set of the live epoch: score = -score, member = event id (8 bytes) + user
-- KEYS[3] users  hash of the live epoch: user (16 bytes) -> version, event id, updated (8 bytes each)
--                of the suspended the event id is 0: their versions are kept, so that nothing older
--                brings them back
-- ARGV[1] live epoch and ARGV[2] building epoch, as the caller knows them; empty for none.
--
-- Numbers travel as text or packed bytes: Lua would print 10^15 rounded.
local meta = KEYS[1]
local live, building = ARGV[1], ARGV[2]
local NO_PLACE = string.rep('\0', 8)

-- The epochs where they differ from what the caller knows, so that it can ask again.
local function moved()
  local now = redis.call('HMGET', meta, 'live', 'building')
  local now_live, now_building = now[1] or '', now[2] or ''
  if now_live ~= live or now_building ~= building then
    return {'moved', now_live, now_building}
  end
end

-- Whether every user of an epoch is there. Eviction takes whole keys, at any moment.
local function lacks_users(epoch, order, users)
  local stored = redis.call('HMGET', meta, 'count:' .. epoch, 'suspended:' .. epoch)
  local count, suspended = tonumber(stored[1] or '-1'), tonumber(stored[2] or '0')
  return redis.call('ZCARD', order) ~= count - suspended or redis.call('HLEN', users) ~= count
end

local function incomplete()
  return lacks_users(live, KEYS[2], KEYS[3])
end

-- Where a user stands in the order, by what is held of him; nil for one who is suspended.
local function member_of(user, packed)
  local place = string.sub(packed, 9, 16)
  if place ~= NO_PLACE then return place .. user end
end

-- The build that is under way is worked on.
local function tell_progress()
  redis.call('HSET', meta, 'progressed_at', redis.call('TIME')[1])
end

-- Seconds since the build that is under way was worked on.
local function idle_s()
  local progressed_at = tonumber(redis.call('HGET', meta, 'progressed_at') or '0')
  return math.max(tonumber(redis.call('TIME')[1]) - progressed_at, 0)
end
