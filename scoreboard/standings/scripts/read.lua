-- Where users stand. ARGV[3…] users (16 bytes each).
-- Returns {'ok', users on the board, {-score, rank, packed} or false…}, {'moved', …} or {'incomplete'}.
local elsewhere = moved()
if elsewhere then return elsewhere end
if live == '' or incomplete() then return {'incomplete'} end

local reply = {'ok', redis.call('ZCARD', KEYS[2])}
for i = 3, #ARGV do
  local packed = redis.call('HGET', KEYS[3], ARGV[i])
  local member = packed and member_of(ARGV[i], packed)
  if member then
    local negative = redis.call('ZSCORE', KEYS[2], member)
    local rank = redis.call('ZCOUNT', KEYS[2], '-inf', '(' .. negative) + 1
    reply[#reply + 1] = {negative, rank, packed}
  else
    reply[#reply + 1] = false
  end
end
return reply
