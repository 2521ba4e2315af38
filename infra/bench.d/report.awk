# Turns the measurements into the report. Variables: hertz (clock ticks a second), cores.
$1 == "note" { notes[$2] = $3; other[$2] = $4; next }
$1 == "http" {
    key = $2 SUBSEP $3
    order[++count] = key
    rate[key] = $4 * 1e6 / $5; p50[key] = $6 / 1000; p99[key] = $7 / 1000; errors[key] = $8
    app[key] = $4 ? $9 * 1000 / hertz / $4 : 0; postgres[key] = $4 ? $10 * 1000 / hertz / $4 : 0
}
$1 == "ceiling" { top[$2, $3] = $4 }

function line(key, parts) {
    split(key, parts, SUBSEP)
    printf "| %s | %s | %s | %.1f | %.1f | %d | %.2f | %.2f | %s |\n", parts[1], parts[2], per_second(rate[key]), p50[key], p99[key],
        errors[key], app[key], postgres[key],
        key in top ? sprintf("%s | %.0f %%", per_second(top[key]), share(key)) : "|"
}
function per_second(value) { return sprintf(value < 100 ? "%.1f" : "%.0f", value) }
function share(key) { return top[key] ? 100 * rate[key] / top[key] : 0 }
function goal(text, wanted, found) { printf "| %s | %s | %s |\n", text, wanted, found }
function at(operation, level) { return operation SUBSEP level }

END {
    print "| operation | connections | requests/s | p50 ms | p99 ms | errors | CPU ms, application | CPU ms, PostgreSQL | ceiling/s | share |"
    print "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    for (i = 1; i <= count; i++) line(order[i])
    print ""
    print "| goal | wanted | measured |"
    print "|---|--:|--:|"
    names = split("list read create transition", name, " ")
    split("3000 3625 1500 1775", aim, " ")
    for (i = 1; i <= names; i++) {
        key = at(name[i], 16)
        if (!(key in rate)) continue
        goal(name[i] ", 16 connections, share of the ceiling", "≥ 40 %", sprintf("%.0f %%", share(key)))
        goal(name[i] ", 16 connections, requests a second (25 × Odoo 19)", aim[i], per_second(rate[key]))
    }
    if (at("list", 16) in rate) goal("application CPU of a list", "< 0.3 ms", sprintf("%.2f ms", app[at("list", 16)]))
    if (at("list", 64) in rate) goal("p99 of the list, 64 connections", "< 50 ms", sprintf("%.1f ms", p99[at("list", 64)]))
    if (at("read", 64) in rate) goal("p99 of reading one, 64 connections", "< 50 ms", sprintf("%.1f ms", p99[at("read", 64)]))
    if (at("search", 64) in rate) goal("p99 of the search, 64 connections", "< 50 ms", sprintf("%.1f ms", p99[at("search", 64)]))
    if (at("login", 16) in rate) goal("logins a second and core, 16 connections", "≥ 30", sprintf("%.1f", rate[at("login", 16)] / cores))
    goal("start to the first answer", "< 500 ms", notes["start_up"] " ms")
    goal("memory of API and worker, idle", "< 100 MB", memory("idle"))
    goal("the same after lists, reads and searches", "< 100 MB", memory("reading"))
    goal("the same at the end", "< 100 MB", memory("end"))
    print ""
    print "Statements of the program that its ceilings lack: " notes["strangers"] ". Peak resident sets: " memory("peak") "."
}
function memory(which) { return which in notes ? sprintf("%.0f + %.0f = %.0f MB", notes[which], other[which], notes[which] + other[which]) : "not measured" }
