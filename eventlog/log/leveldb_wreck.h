// What is left of a database that LevelDB does not open any more, or opens with holes in it: every
// key and value that can be read of its tables and write-ahead logs, each on its own, whatever
// CURRENT and the MANIFEST say. Nothing of it is proved, and a key may have several values, old
// ones among them: whoever reads must know the right one.
//
// The database is only read.

#pragma once

#include "eventlog/log/store.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace leveldb {
class DB;
class Logger;
}  // namespace leveldb

namespace slipway {

class Disk;
class DurableEnv;

// Shows the values that the tables at `database` have for keys in [from, to), also out of blocks
// whose checksum is wrong. A key comes as often as it has values; no order is promised. A block or
// table that cannot be read at all is left out.
void visit_tables(const std::filesystem::path& database, std::string_view from, std::string_view to,
                  const Store::Visitor& visit);

class Wreck {
  public:
    // Collects what there is at `database`, sorted, in a new directory `scratch`, which is of no
    // use afterwards. Errors: io, also where there is no room for it.
    static Result<std::unique_ptr<Wreck>> read(const std::filesystem::path& database,
                                               const std::filesystem::path& scratch);
    ~Wreck();

    // As Store::scan, ascending, but a key comes as often as it has values.
    Result<void> scan(std::string_view from, std::string_view to,
                      const Store::Visitor& visit) const;

    // What could not be read, in words: a file and why.
    const std::vector<std::string>& findings() const { return findings_; }

  private:
    Wreck();

    Result<void> collect(const std::filesystem::path& database,
                         const std::filesystem::path& scratch);
    Result<void> collect_table(const std::filesystem::path& file);
    Result<void> collect_logs(const std::vector<std::filesystem::path>& logs,
                              const std::filesystem::path& place);

    std::unique_ptr<Disk> disk_;
    std::unique_ptr<DurableEnv> env_;
    std::vector<std::string> findings_;
    std::unique_ptr<leveldb::Logger> complaints_;  // to findings_
    std::unique_ptr<leveldb::DB> sorted_;
};

}  // namespace slipway
