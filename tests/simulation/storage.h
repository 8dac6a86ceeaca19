// Where the log of a simulation is kept, and all that can go wrong there. What is kept outlives the
// process and the power.

#pragma once

#include "eventlog/base/strong.h"
#include "eventlog/log/store.h"

#include <memory>
#include <random>
#include <string>

namespace slipway {

class Storage {
  public:
    virtual ~Storage() = default;

    virtual Result<std::unique_ptr<Store>> open() = 0;

    // One of the writes from now on goes wrong, soon.
    virtual void fail_soon() = 0;
    // Whether something went wrong since then.
    virtual bool has_failed() const = 0;

    // The process is about to end: from now on nothing is written any more.
    virtual void stop() = 0;
    // It has ended, and `with_power` the power was cut. Nothing goes wrong any more.
    virtual void end(bool with_power) = 0;

    // The log was refused. False if that was wrong; else it was put right, as a person would have
    // to, and nothing that was synced is gone.
    virtual bool salvage() = 0;

    // Changes something of what is kept, while nobody has it open: a log that ends at `end`.
    // Returns what a refusal must say.
    virtual std::string damage(Position end) = 0;
    // Takes that back, and all that was done since.
    virtual void repair() = 0;
};

// In memory, below the port of the log: fast.
std::unique_ptr<Storage> plain_storage(std::mt19937_64& random);

// By LevelDB on a simulated disk.
std::unique_ptr<Storage> disk_storage(std::mt19937_64& random);

}  // namespace slipway
