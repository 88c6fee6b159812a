-- The Redis seat lock: every step of a hold, in one script, by Redis' own clock.
-- All keys of a run share its hash tag, so that a cluster keeps them together.
--
-- KEYS  1 figures  hash: v = version of the figures, <pool> = "size|taken|waiting",
--                  f<pool> = instant (ms) at which a hold last ended there
--       2 ends     sorted set: hold -> instant (ms) until which its seat is kept
--       3 facts    hash: hold -> "person|pool|end|life|prolonged|closes|kept" (ms);
--                  kept: until when a confirmation under way keeps it, or 0;
--                  person 0: reserved by the program for a moment
--       4 counts   hash: pool -> living holds
--       5 people   hash: person -> hold
--       6 unused   hash: person -> "how many holds ended unused|instant of the last"
--       7 watched  is there while somebody looks at the run's figures
--       8 (of take) the person's own sorted set: run -> instant (ms) of its hold's end
-- ARGV  1 the step; the rest as each step says. Times are in milliseconds.

local shift = 0 -- milliseconds; tests live through days in a moment
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + shift

local function text(n) return string.format('%.0f', n) end

local step = ARGV[1]

-- admitted counts a person's holds over all runs; own is the person's set of
-- runs. Another hold in the same run does not count twice. It answers nil, or how
-- long there is no room.
local function admitted(own, run, life, most)
  redis.call('ZREMRANGEBYSCORE', own, '-inf', now)
  if not redis.call('ZSCORE', own, run) and redis.call('ZCARD', own) >= most then
    local first = redis.call('ZRANGE', own, 0, 0, 'WITHSCORES')
    return text(tonumber(first[2]) - now)
  end
  -- NX: asking again for a hold does not make it count beyond its end.
  redis.call('ZADD', own, 'NX', now + life, run)
  redis.call('PEXPIRE', own, life * 3 + 60000)
  return nil
end

-- admit: where a cluster keeps the person's set elsewhere than the run. KEYS[1]
-- is the set. ARGV 2 run, 3 life, 4 most.
if step == 'admit' then
  local wait = admitted(KEYS[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]))
  return wait and {'full', wait} or {'ok'}
end

local figures, ends, facts, counts, people, unused, watched =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]

-- tell lets the servers know that figures changed, where anybody looks at them.
local told = false
local function tell()
  if told then return end
  told = true
  if redis.call('EXISTS', watched) == 1 then redis.call('PUBLISH', 'varde:seats', watched) end
end

local function read(hold)
  local line = redis.call('HGET', facts, hold)
  if not line then return nil end
  local person, pool, stop, life, prolonged, closes, kept =
    string.match(line, '^(%d+)|(%d+)|(%d+)|(%d+)|(%d)|(%d+)|(%d+)$')
  return {hold = hold, person = person, pool = pool, stop = tonumber(stop),
    life = tonumber(life), prolonged = prolonged, closes = tonumber(closes), kept = tonumber(kept)}
end

local function write(h)
  redis.call('HSET', facts, h.hold, table.concat(
    {h.person, h.pool, text(h.stop), text(h.life), h.prolonged, text(h.closes), text(h.kept or 0)}, '|'))
end

local function remove(h)
  redis.call('ZREM', ends, h.hold)
  redis.call('HDEL', facts, h.hold)
  redis.call('HINCRBY', counts, h.pool, -1)
  redis.call('HSET', figures, 'f' .. h.pool, text(now))
  tell()
  if redis.call('HGET', people, h.person) == h.hold then
    redis.call('HDEL', people, h.person)
  end
end

local function add(h)
  write(h)
  redis.call('ZADD', ends, h.stop, h.hold)
  redis.call('HINCRBY', counts, h.pool, 1)
  tell()
end

local function ended_unused(h, at)
  if h.person == '0' then return end
  local line = redis.call('HGET', unused, h.person)
  local n = line and tonumber(string.match(line, '^(%d+)|')) or 0
  redis.call('HSET', unused, h.person, (n + 1) .. '|' .. text(at))
end

-- What has expired goes first, whatever the step.
for _, hold in ipairs(redis.call('ZRANGEBYSCORE', ends, '-inf', now)) do
  local h = read(hold)
  if h then
    remove(h)
    ended_unused(h, h.stop)
  else
    redis.call('ZREM', ends, hold)
  end
end

local function answer(word, h)
  return {word, h.hold, h.pool, text(h.stop), text(h.life), h.prolonged, text(now)}
end

-- follow lets the holds of a pool count against another: their seats moved there.
local function follow(from_pool, to_pool)
  local n = tonumber(redis.call('HGET', counts, from_pool) or '0')
  if n <= 0 then return end
  local all = redis.call('HGETALL', facts)
  for i = 1, #all, 2 do
    local h = read(all[i])
    if h and h.pool == from_pool then
      h.pool = to_pool
      write(h)
    end
  end
  redis.call('HINCRBY', counts, to_pool, n)
  redis.call('HDEL', counts, from_pool)
end

-- learn keeps the highest version of the figures that anyone brought; from is
-- the place in ARGV of: version, number of pools, then of each pool, size,
-- taken, waiting, and the pool that its seats moved to, or 0. It answers the
-- place after them.
local function learn(from)
  local version, n = tonumber(ARGV[from]), tonumber(ARGV[from + 1])
  local known = tonumber(redis.call('HGET', figures, 'v') or '-1')
  if version >= known then
    local set = {'v', ARGV[from]}
    for i = 0, n - 1 do
      local at = from + 2 + i * 5
      set[#set + 1] = ARGV[at]
      set[#set + 1] = ARGV[at + 1] .. '|' .. ARGV[at + 2] .. '|' .. ARGV[at + 3]
      if ARGV[at + 4] ~= '0' then follow(ARGV[at], ARGV[at + 4]) end
    end
    redis.call('HSET', figures, unpack(set))
    if version > known then tell() end
  end
  return from + 2 + n * 5
end

local function keep_keys(for_ms)
  for i = 1, 6 do redis.call('PEXPIRE', KEYS[i], for_ms) end
end

-- free counts the seats of a pool neither taken nor held; second: people waiting.
local function free(pool)
  local size, taken, waiting =
    string.match(redis.call('HGET', figures, pool) or '0|0|0', '^(%d+)|(%d+)|(%d+)$')
  local held = tonumber(redis.call('HGET', counts, pool) or '0')
  return tonumber(size) - tonumber(taken) - held, tonumber(waiting)
end

-- own gives the living hold if it is this person's.
local function own(hold, person)
  local h = read(hold)
  if h and h.person == person then return h end
  return nil
end

-- take: ARGV 2 person, 3 new hold, 4 life, 5 closes, 6 unused holds allowed,
-- 7 run, 8 most holds over all runs, 9 figures, then the pools that the person may
-- use, in order. KEYS[8] is the person's own set, unless admit was asked before.
if step == 'take' then
  local person, life, closes = ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[5])
  local candidates = learn(9)
  local mine = redis.call('HGET', people, person)
  if mine then
    local h = read(mine)
    if h then return answer('same', h) end
  end
  local line = redis.call('HGET', unused, person)
  if line then
    local n, last = string.match(line, '^(%d+)|(%d+)$')
    local free_at = tonumber(last) + life
    if tonumber(n) >= tonumber(ARGV[6]) and now < free_at then
      return {'wait', text(free_at - now)}
    end
  end
  local stop = math.min(now + life, closes)
  if stop <= now then return {'closed'} end
  for i = candidates, #ARGV do
    local pool = ARGV[i]
    local seats, waiting = free(pool)
    if waiting == 0 and seats > 0 then
      local wait = KEYS[8] and admitted(KEYS[8], ARGV[7], life, tonumber(ARGV[8]))
      if wait then return {'full', wait} end
      local h = {hold = ARGV[3], person = person, pool = pool, stop = stop,
        life = life, prolonged = '0', closes = closes}
      add(h)
      redis.call('HSET', people, person, h.hold)
      keep_keys(life * 3 + 86400000)
      return answer('new', h)
    end
  end
  return {'gone'}
end

-- reserve: seats that the program itself is about to give or take away, whoever
-- waits. ARGV 2 name, 3 life, 4 how many, 5 'all' of them or 'some', 6 figures,
-- then the pools to try, in order. They end by themselves if the program dies.
if step == 'reserve' then
  local life, wanted = tonumber(ARGV[3]), tonumber(ARGV[4])
  local candidates = learn(6)
  for i = candidates, #ARGV do
    local seats = math.min(wanted, (free(ARGV[i])))
    if seats == wanted or seats > 0 and ARGV[5] == 'some' then
      for n = 1, seats do
        add({hold = ARGV[2] .. n, person = '0', pool = ARGV[i], stop = now + life,
          life = life, prolonged = '0', closes = now + life})
      end
      keep_keys(life + 86400000)
      return {'reserved', ARGV[i], text(seats)}
    end
  end
  return {'gone'}
end

-- spend: what reserve set aside is taken, taken away or not needed. ARGV 2 name,
-- 3 how many, 4 figures, or nothing where nothing changed.
if step == 'spend' then
  for n = 1, tonumber(ARGV[3]) do
    local h = read(ARGV[2] .. n)
    if h then remove(h) end
  end
  if ARGV[4] then learn(4) end
  return {'ok'}
end

-- since: of each pool the instant at which a hold last ended, or 0, and how many
-- live.
if step == 'since' then
  local out = {}
  for _, pool in ipairs(redis.call('HKEYS', figures)) do
    if pool ~= 'v' and string.sub(pool, 1, 1) ~= 'f' then
      out[#out + 1] = pool
      out[#out + 1] = redis.call('HGET', figures, 'f' .. pool) or '0'
      out[#out + 1] = redis.call('HGET', counts, pool) or '0'
    end
  end
  return out
end

-- look: ARGV 2 person or 0. Answers the person's hold, if any, then the living
-- holds of each pool.
if step == 'look' then
  local mine = redis.call('HGET', people, ARGV[2])
  local h = mine and read(mine)
  local out = h and answer('mine', h) or {'none', '', '0', '0', '0', '0', text(now)}
  for _, v in ipairs(redis.call('HGETALL', counts)) do out[#out + 1] = v end
  return out
end

-- holders: the people who hold a seat now.
if step == 'holders' then
  return redis.call('HKEYS', people)
end

-- learn: ARGV 2 figures.
if step == 'learn' then
  learn(2)
  keep_keys(86400000)
  return {'ok'}
end

local h = own(ARGV[2], ARGV[3])

-- settle: the enrolment is committed. ARGV 2 hold, 3 person, 4 figures.
if step == 'settle' then
  if h then remove(h) end
  redis.call('HDEL', unused, ARGV[3])
  learn(4)
  return {'ok'}
end

if not h then return {'none'} end

-- keep: a confirmation has arrived. ARGV 2 hold, 3 person, 4 grace. A hold
-- whose own end has passed lives on for the confirmation that kept it, and for
-- the same form sent again, but no longer for that.
if step == 'keep' then
  if h.stop > now then
    h.kept = now + tonumber(ARGV[4])
    write(h)
    redis.call('ZADD', ends, math.max(h.stop, h.kept), h.hold)
  end
  return answer('kept', h)
end

-- unkeep: that confirmation failed.
if step == 'unkeep' then
  h.kept = 0
  write(h)
  redis.call('ZADD', ends, h.stop, h.hold)
  return {'ok'}
end

-- drop: given back by the person, or (ARGV 4 = 'unasked') by the program, which
-- took it on the person's behalf and does not count it as unused.
if step == 'drop' then
  if h.kept > now and ARGV[4] ~= 'unasked' then return {'kept'} end
  remove(h)
  if ARGV[4] ~= 'unasked' then ended_unused(h, now) end
  return {'ok'}
end

-- prolong: once, in the last fifth. ARGV 4 = that part's share of the life.
if step == 'prolong' then
  if h.prolonged == '1' or h.stop <= now or now < h.stop - h.life / tonumber(ARGV[4]) then
    return answer('refused', h)
  end
  h.stop = math.min(h.stop + h.life, h.closes)
  h.prolonged = '1'
  write(h)
  redis.call('ZADD', ends, h.stop, h.hold)
  keep_keys(h.life * 3 + 86400000)
  return answer('prolonged', h)
end

return redis.error_reply('unknown step')
