# Reads the files beside a script, and compares its numbers with those of expected.json.
# Both JSON files have one entry a line, so that nothing has to be installed to read them.

unescaped <- function(x) gsub("\\\\([\"\\\\])", "\\1", x)
lines_of <- function(name) enc2utf8(readLines(name, encoding = "UTF-8", warn = FALSE))

settings <- local({
  entry <- '^ *"([^"]+)": "(.*)",?$'
  lines <- grep(entry, lines_of("settings.json"), value = TRUE, perl = TRUE)
  found <- as.list(unescaped(sub(entry, "\\2", lines, perl = TRUE)))
  setNames(found, sub(entry, "\\1", lines, perl = TRUE))
})
setting <- function(name) if (is.null(settings[[name]])) "" else settings[[name]]

expected <- local({
  entry <- '^ *\\{"name": "(.*)", "value": ([^ ,]+), "tolerance": ([^ ,}]+)\\},?$'
  lines <- grep(entry, lines_of("expected.json"), value = TRUE, perl = TRUE)
  data.frame(
    name = unescaped(sub(entry, "\\1", lines, perl = TRUE)),
    value = as.numeric(sub(entry, "\\2", lines, perl = TRUE)),
    tolerance = as.numeric(sub(entry, "\\3", lines, perl = TRUE)),
    seen = rep(FALSE, length(lines)), stringsAsFactors = FALSE
  )
})
failed <- 0

# Whether any expected number has a name that begins so.
wants <- function(beginning) any(startsWith(expected$name, beginning))
# An expected number, only as a place from which to begin to search.
near <- function(name) {
  found <- expected$value[expected$name == name]
  if (length(found)) found[1] else NA
}
say <- function(passes, words) {
  if (!passes) failed <<- failed + 1
  cat(if (passes) "PASS" else "FAIL", words, "\n")
}
check <- function(name, found) {
  at <- which(expected$name == name)[1]
  if (is.na(at) || expected$seen[at]) return(invisible())
  expected$seen[at] <<- TRUE
  found <- as.numeric(found)[1]
  value <- expected$value[at]
  passes <- isTRUE(is.finite(found) && abs(found - value) <= expected$tolerance[at])
  say(passes, sprintf("%s: %.15g, expected %.15g", name, found, value))
}
finish <- function() {
  for (name in expected$name[!expected$seen]) say(FALSE, paste0(name, ": not computed"))
  if (!nrow(expected)) say(FALSE, "expected.json names no number")
  total <- max(nrow(expected), failed)
  cat(total - failed, "of", total, "numbers were reproduced.\n")
  quit(status = if (failed) 1 else 0)
}

# Text columns as text, without the apostrophe that keeps a spreadsheet from running a cell.
read_data <- function(texts) {
  d <- read.csv("data.csv", colClasses = "character", encoding = "UTF-8", na.strings = character())
  guard <- "^'('*[-=+@\t\r\n\uff1d\uff0b\uff0d\uff20])"
  for (column in names(d)) {
    if (column %in% texts) {
      d[[column]] <- sub(guard, "\\1", d[[column]])
    } else {
      d[[column]] <- as.numeric(ifelse(d[[column]] == "", NA, d[[column]]))
    }
  }
  d
}

cat(setting("title"), "\n")
cat(R.version.string, "\n")
