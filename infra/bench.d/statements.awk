# Reads a server's log and prints every statement run with parameters, each on one line.
function print_statement() {
    gsub(/[ \t]+/, " ", text)
    gsub(/^ | $/, "", text)
    if (text != "") print text
    text = ""
}
/^\t/ { if (text != "") text = text " " $0; next }
{ print_statement() }
match($0, /LOG:  execute [^:]*: /) { text = substr($0, RSTART + RLENGTH) " " }
END { print_statement() }
