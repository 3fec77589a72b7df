-- GCRA for many keys of one policy at once.
--
-- KEYS     one theoretical arrival time each (Unix µs, as text); the same key may stand twice
-- ARGV[1]  µs per request, ARGV[2] µs of burst, ARGV[3…] cost of each request; negative where it is
--          to be counted whatever remains
-- Returns  for each key 0 where admitted, else the µs until it would be.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])

local reply = {}
for i, key in ipairs(KEYS) do
  local arrival = math.max(tonumber(redis.call('GET', key) or '0'), now)
  local cost = tonumber(ARGV[i + 2])
  local after = arrival + interval * math.abs(cost)
  local wait = after - burst - now
  if wait > 0 and cost > 0 then
    reply[i] = math.ceil(wait)
  else
    redis.call('SET', key, string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
    reply[i] = 0
  end
end
return reply
