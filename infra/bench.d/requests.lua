-- What wrk sends. The environment says which operation, and where the companies' tokens and the open orders are written.
local operation = os.getenv("BENCH_OPERATION")
local first, rows = 10001, tonumber(os.getenv("BENCH_ROWS"))

-- One company a line: its login address, a token.
local companies = {}
for line in io.lines(os.getenv("BENCH_COMPANIES_FILE")) do
    local email, token = line:match("(%S+) (%S+)")
    companies[#companies + 1] = { email = email, token = token }
end

local function company() return companies[math.random(#companies)] end
local function any() return first + math.random(0, rows - 1) end
local function id(kind, n) return string.format("00000000-0000-7000-%s-%012d", kind, n) end
local function serial(n) return string.format("SN%08d", n * 7919 % 100000000) end

local function get(path)
    return wrk.format("GET", "/api/v1" .. path, { Authorization = "Bearer " .. company().token })
end

local function post(path, token, body)
    local headers = { ["Content-Type"] = "application/json" }
    if token then headers.Authorization = "Bearer " .. token end
    return wrk.format("POST", "/api/v1" .. path, headers, body)
end

local due = os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() + 7 * 24 * 3600)

-- Open orders, each started once: `company-line n`, in random order.
local open, taken = {}, 0
if operation == "transition" then
    for line in io.lines(os.getenv("BENCH_ORDERS_FILE")) do
        local at, n = line:match("(%d+) (%d+)")
        open[#open + 1] = { token = companies[tonumber(at)].token, n = tonumber(n) }
    end
end

local requests = {
    login = function()
        return post("/auth/login", nil, string.format('{"email":"%s","password":"%s"}', company().email, os.getenv("BENCH_PASSWORD")))
    end,
    list = function() return get("/work-orders?" .. os.getenv("BENCH_LIST")) end,
    read = function() return get("/work-orders/" .. id("8000", any())) end,
    create = function()
        return post("/work-orders", company().token, string.format(
            '{"title":"Hydraulic hose leaks","description":"Oil under the boom","priority":"high","asset_id":"%s","due_at":"%s"}',
            id("9000", any()), due))
    end,
    transition = function()
        taken = taken + 1
        -- the rates of a run that had to end early are still right
        if taken >= #open then wrk.thread:stop() end
        local order = open[math.min(taken, #open)]
        return post("/work-orders/" .. id("8000", order.n) .. "/transitions/start", order.token, "{}")
    end,
    search = function() return get("/assets?q=" .. serial(any())) end,
    download = function() return get("/work-orders/download?format=csv") end,
}

request = requests[operation]

function init() math.randomseed(tonumber(os.getenv("BENCH_SEED"))) end

-- requests, microseconds: duration, p50, p99; errors
function done(summary, latency)
    local e = summary.errors
    print(string.format("RESULT %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        e.connect + e.read + e.write + e.timeout + e.status))
end
