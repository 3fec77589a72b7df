-- GCRA for many requests at once, each against one policy or several.
--
-- KEYS     one theoretical arrival time each (Unix µs, as text): of each request one per policy, in
--          the order of the policies; the same key may stand twice
-- ARGV[1]  number of policies; then of each policy µs per request and µs of burst; then, where not
--          every request costs 1, the cost of each: negative where it is counted whatever remains
-- Returns  for each request, where all policies admit it, 0 or less: the µs by which its first key is
--          ahead of its rate, negated. Else the first that does not: the µs until it would, times the
--          number of policies, plus its place from 0. Those behind count nothing.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local policies = tonumber(ARGV[1])
local costs = 2 * policies + 1
local intervals, bursts = {}, {}
for place = 1, policies do
  intervals[place] = tonumber(ARGV[2 * place])
  bursts[place] = tonumber(ARGV[2 * place + 1])
end

local reply = {}
for request = 1, #KEYS / policies do
  local cost = tonumber(ARGV[costs + request] or '1')
  for place = 1, policies do
    local key = KEYS[(request - 1) * policies + place]
    local arrival = math.max(tonumber(redis.call('GET', key) or '0'), now)
    local after = arrival + intervals[place] * math.abs(cost)
    local wait = after - bursts[place] - now
    if wait > 0 and cost > 0 then
      reply[request] = math.ceil(wait) * policies + place - 1
      break
    end
    if place == 1 then reply[request] = -math.floor(after - now) end
    redis.call('SET', key, string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
  end
end
return reply
