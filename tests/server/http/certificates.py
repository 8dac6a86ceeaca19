"""Certificates as tests need them, made with the openssl program: an authority, and those it vouches for."""

import pathlib
import ssl
import warnings

from openssl import openssl


class Authority:
    """Nobody trusts it but who is told to. Its files are made in `directory`."""

    def __init__(self, directory, name="authority"):
        self.directory = pathlib.Path(directory)
        self.certificate = self.directory / f"{name}.pem"
        self.key = self.directory / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", f"/CN={name}", "-days", 2, "-out", self.certificate, "-keyout", self.key)

    def issue(self, name, days=1, hosts="DNS:localhost,IP:127.0.0.1"):
        """The paths of a new certificate, and of its key."""
        key, certificate = self.directory / f"{name}.key", self.directory / f"{name}.pem"
        request, more = self.directory / f"{name}.csr", self.directory / f"{name}.ext"
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", f"/CN={name}", "-out", request, "-keyout", key)
        more.write_text(f"subjectAltName={hosts}\n")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
                "-CAcreateserial", "-days", days, "-extfile", more, "-out", certificate)
        key.chmod(0o600)
        return certificate, key

    def context(self, newest=None, ciphers=None):
        """What a client needs that trusts this authority alone; `newest` is an ssl.TLSVersion."""
        context = ssl.create_default_context(cafile=self.certificate)
        if ciphers:
            context.set_ciphers(ciphers)
        if newest is not None:
            with warnings.catch_warnings(action="ignore"):  # that it is deprecated is the point
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = newest
        return context
