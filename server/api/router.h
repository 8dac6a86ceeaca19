// The router finds the route of a request, checks who asks and what they may, and calls the
// handler. The routes themselves are data: see resources/routes.cpp.

#pragma once

#include "server/api/services.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

// Finds out who sends a request in place of authorize(); a reply if they may not.
using Authorizer = std::optional<Reply> (*)(Call& call);

struct Route {
    static constexpr unsigned kPublic = 1;  // no token is asked for, or the handler sees to it
    static constexpr unsigned kWhileDraining = 2;  // answered while the server stops, too
    static constexpr unsigned kParameters = 4;     // its handler reads the query; others take none
    static constexpr unsigned kCallback = 8;  // the target of the deployment may, too; not counted

    Method method;
    std::string_view path;  // segments in braces stand for anything
    Operation operation;
    Permission permission;
    unsigned traits = 0;
    std::string_view media = "application/json";  // what it answers; empty: Accept means nothing
    Authorizer authorizer = nullptr;              // of a kCallback

    constexpr bool is(unsigned trait) const { return (traits & trait) != 0; }
};

// Finds out who asks and fills in call.principal; a reply if the token is not good or does not
// allow it.
std::optional<Reply> authorize(Permission permission, Call& call);

// Whether the token of `request` is still good and still allows `permission`; if `team` is not nil,
// there. For replies that go on, so that they end with the authority they were begun with.
bool is_still_allowed(Permission permission, const Request& request, Services& services,
                      TeamId team = {});

// Who sends `request`, as far as that is known without checking a token: nil if it is not. To share
// the io thread by, and for nothing that must be secure.
UserId client_of(const Request& request, const Services& services);

// Whether `request` asks how the server is. Such a request waits for no other.
bool is_probe(const Request& request);

// Answers one request, in as many turns as that takes.
class Answering {
  public:
    // All outlive it. `key_sets` is services.tokens.key_sets() as of when the request came: a
    // token whose key is in none of the sets that were fetched since is not good, and until one was
    // fetched nobody knows.
    Answering(const Request& request, Services& services, std::span<const Route> routes,
              std::uint64_t key_sets = 0);
    Answering(const Answering&) = delete;
    Answering& operator=(const Answering&) = delete;

    // Goes on until `turn` is over, an errand must be run first, or there is the reply, which may
    // be sent once the log is durable up to reply.position. It is not called again then.
    std::optional<Reply> go_on(const Turn& turn);

    // The errand that must be run before go_on() is called again; null if there is none.
    std::shared_ptr<Errand> take_errand() { return std::move(errand_); }
    // Whether one was taken. Then it must go on, though nobody may wait for the reply any more:
    // what the errand made is used or taken back.
    bool had_errand() const { return call_.errand != nullptr; }

  private:
    Reply begin();
    Reply after_errand();
    std::optional<Reply> go_on_with_rest(const Turn& turn);
    Reply finished(Reply reply) const;

    Changes changes_;
    Call call_;  // adds to changes_
    std::span<const Route> routes_;
    const Route* route_ = nullptr;
    std::shared_ptr<LongRead> rest_;
    std::vector<std::pair<std::string, std::string>> headers_;  // beside those that the rest makes
    std::shared_ptr<Errand> errand_;
};

}  // namespace slipway
