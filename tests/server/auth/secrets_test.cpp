#include "server/auth/secrets.h"

#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <set>

namespace slipway {
namespace {

namespace fs = std::filesystem;
using Missing = Secrets::Missing;

const AppId kApp = *AppId::parse("app_01h455vb4pex5vsknk084sn02q");
const AppId kOtherApp = *AppId::parse("app_01h455vb4pex5vsknk084sn02r");
const DeploymentId kDeployment = *DeploymentId::parse("dep_01h455vb4pex5vsknk084sn02q");
const DeploymentId kOtherDeployment = *DeploymentId::parse("dep_01h455vb4pex5vsknk084sn02r");

class SecretsTest : public testing::Test {
  protected:
    Secrets created() const {
        auto secrets = Secrets::open(directory, Missing::create);
        EXPECT_TRUE(secrets) << secrets.error().message;
        return *secrets;
    }
    Error error(Missing missing = Missing::create) const {
        const auto secrets = Secrets::open(directory, missing);
        return secrets ? Error{ErrorCode::io, "opened"} : secrets.error();
    }
    static std::string bytes_in(const fs::path& file) {
        std::ifstream in{file, std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }
    static mode_t mode_of(const fs::path& file) {
        struct stat status {};
        EXPECT_EQ(stat(file.c_str(), &status), 0);
        return status.st_mode & 07777U;
    }

    const TemporaryDirectory made_;
    const fs::path& directory = made_.path();
};

TEST_F(SecretsTest, AreMadeOnTheFirstStartForTheOwnerOnly) {
    const mode_t before = umask(0);
    const Secrets secrets = created();
    umask(before);
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator{directory}) {
        names.insert(entry.path().filename());
        EXPECT_EQ(mode_of(entry.path()), 0600U);
        EXPECT_EQ(fs::file_size(entry.path()), 32U);
    }
    EXPECT_EQ(names, (std::set<std::string>{"jwt_secret", "server_key"}));
    EXPECT_EQ(secrets.jwt_secret(), bytes_in(directory / "jwt_secret"));
    EXPECT_NE(bytes_in(directory / "jwt_secret"), bytes_in(directory / "server_key"));
}

TEST_F(SecretsTest, AreTheSameOnTheNextStart) {
    const Secrets first = created();
    const auto second = Secrets::open(directory, Missing::refuse);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(second->jwt_secret(), first.jwt_secret());
    EXPECT_EQ(second->signing_secret(kApp, 1), first.signing_secret(kApp, 1));
    EXPECT_EQ(second->callback_token(kDeployment), first.callback_token(kDeployment));
}

TEST_F(SecretsTest, AreNotMadeAgainWhereTheyHaveGoneMissing) {
    created();
    fs::remove(directory / "server_key");
    const std::string file = directory / "server_key";
    EXPECT_EQ(error(Missing::refuse),
              (Error{ErrorCode::not_found,
                     "secrets: " + file + " is not there: restore it from a backup"}));
    EXPECT_FALSE(fs::exists(file));
}

TEST_F(SecretsTest, OfAStartThatWasCutShortAreCompleted) {
    const Secrets first = created();
    fs::remove(directory / "server_key");
    const Secrets second = created();
    EXPECT_EQ(second.jwt_secret(), first.jwt_secret());
    EXPECT_NE(second.callback_token(kDeployment), first.callback_token(kDeployment));
}

TEST_F(SecretsTest, ThatEverybodyHasRightsToAreRefusedAndThoseOfAGroupAreTaken) {
    created();
    for (const mode_t mode : {0604U, 0602U, 0601U, 0644U, 0664U, 0777U}) {
        ASSERT_EQ(chmod((directory / "jwt_secret").c_str(), mode), 0);
        const Error refused = error();
        EXPECT_EQ(refused.code, ErrorCode::invalid);
        EXPECT_NE(refused.message.find("chmod 600"), std::string::npos) << refused.message;
    }
    // Kubernetes gives a volume's files to its fsGroup, and systemd its credentials to a group.
    for (const mode_t mode : {0600U, 0400U, 0640U, 0440U, 0660U, 02660U}) {
        ASSERT_EQ(chmod((directory / "jwt_secret").c_str(), mode), 0);
        EXPECT_TRUE(Secrets::open(directory, Missing::create));
    }
}

TEST_F(SecretsTest, OfAnotherSizeAreRefused) {
    created();
    for (const std::size_t size : {0U, 1U, 31U, 33U, 64U}) {
        std::ofstream{directory / "server_key", std::ios::trunc} << std::string(size, 'x');
        const Error refused = error();
        EXPECT_EQ(refused.code, ErrorCode::invalid);
        EXPECT_NE(refused.message.find("has " + std::to_string(size) + " bytes, expected 32"),
                  std::string::npos)
            << refused.message;
        EXPECT_EQ(bytes_in(directory / "server_key"), std::string(size, 'x')) << "left alone";
    }
}

TEST_F(SecretsTest, ThatAreNoPlainFilesAreRefused) {
    created();
    const fs::path file = directory / "jwt_secret";
    fs::rename(file, directory / "elsewhere");
    fs::create_symlink(directory / "elsewhere", file);
    EXPECT_EQ(error().code, ErrorCode::invalid);
    fs::remove(file);
    fs::create_directory(file);
    EXPECT_EQ(error().code, ErrorCode::invalid);
    fs::remove(file);
    ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
    EXPECT_EQ(error().code, ErrorCode::invalid);
}

TEST_F(SecretsTest, CannotBeMadeWhereThereIsNoDirectory) {
    const auto secrets = Secrets::open(directory / "none", Missing::create);
    ASSERT_FALSE(secrets);
    EXPECT_EQ(secrets.error().code, ErrorCode::io);
}

TEST_F(SecretsTest, DifferForWhatTheyAreFor) {
    const Secrets secrets = created();
    EXPECT_EQ(secrets.signing_secret(kApp, 1).size(), 32U);
    const std::set<std::string> all{
        secrets.signing_secret(kApp, 1),     secrets.signing_secret(kApp, 2),
        secrets.signing_secret(kApp, 11),    secrets.signing_secret(kOtherApp, 1),
        secrets.callback_token(kDeployment), secrets.callback_token(kOtherDeployment),
    };
    EXPECT_EQ(all.size(), 6U);
}

TEST_F(SecretsTest, GiveCallbackTokensAsText) {
    const std::string token = created().callback_token(kDeployment);
    EXPECT_TRUE(token.starts_with("cbt_"));
    EXPECT_EQ(token.size(), 47U);
    EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_"),
              std::string::npos);
}

}  // namespace
}  // namespace slipway
