// A salvage makes a new log of what can be proved of one that is damaged: its records from the
// first on, for as long as each is there and follows in the chain. It reads each table and
// write-ahead log on its own, so also where LevelDB does not open the database any more. What lies
// behind the first gap may be good, and follows from nothing that is proved: it becomes lines for
// people to read.
//
//   INTO/log             the proved beginning; a server that is started over it holds dispatch
//   INTO/log/loss        which positions are lost, if any; that server takes it into the log
//   INTO/unproven.jsonl  what was read and is not proved, in the form of a dump, if there is any
//   INTO/report.txt      what the salvage found
//
// The damaged log is only read. INTO has its name once it is complete and durable. Notes, by which
// a request is known again that is repeated, are in no chain and left behind, as in a dump.

#pragma once

#include "eventlog/base/result.h"

#include <filesystem>
#include <string>

namespace slipway {

struct Salvaged {
    bool is_whole = false;  // nothing is known to be gone, up to the anchor and beyond
    std::string report;
};

// Salvages the log at `place`, a data directory or the log in it.
//
// Errors:
//   invalid      something is at `into`, or what a salvage left that was cut off
//   not_found    there is no log at `place`
//   unavailable  a server has it
//   corruption   nothing of it can be proved, and there is no `into`
//   io           as on a full disk; there is no `into`, or a whole one whose name may not be
//                durable
Result<Salvaged> salvage(const std::filesystem::path& place, const std::filesystem::path& into);

}  // namespace slipway
