# Reads a server's log and prints every statement run inside a company's transaction, each on one line.
function print_statement() {
    gsub(/[ \t]+/, " ", text)
    gsub(/^ | $/, "", text)
    if (text != "") print text
    text = ""
}
/^\t/ { if (text != "") text = text " " $0; next }
{ print_statement(); match($0, /\[[0-9]+\]/); backend = substr($0, RSTART, RLENGTH) }
/LOG:  statement: BEGIN.*SET LOCAL ROLE millwright_tenant/ { inside[backend] = 1; next }
/LOG:  statement: (COMMIT|ROLLBACK)/ { inside[backend] = 0; next }
inside[backend] && match($0, /LOG:  execute [^:]*: /) { text = substr($0, RSTART + RLENGTH) " " }
END { print_statement() }
