import { valibotResolver } from "@hookform/resolvers/valibot";
import { useState } from "react";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { Link, Redirect, useSearch } from "wouter";
import { placeAfterSignIn } from "../../shared/session/places";
import { useSession } from "../../shared/session/SessionContext";
import { Banner } from "../../shared/ui/Banner";
import { Field } from "../../shared/ui/Field";
import { useTitle } from "../../shared/ui/useTitle";
import { strings } from "../../strings/account";
import "./Account.css";
import { PasswordField } from "./PasswordField";
import { filled, secret } from "./rules";
import { SessionNotice } from "./SessionNotice";
import { SubmitButton } from "./SubmitButton";
import { showServerErrors } from "./serverErrors";

const Credentials = v.object({ email: filled(strings.emailMissing), password: secret(strings.passwordMissing) });

export default function SignIn() {
  useTitle(strings.signIn);
  const { session, signIn } = useSession();
  const search = useSearch();
  const [failure, setFailure] = useState<string | null>(null);
  const { register, handleSubmit, setError, setFocus, formState } = useForm({
    resolver: valibotResolver(Credentials),
    defaultValues: { email: "", password: "" },
  });
  const { errors, isSubmitting } = formState;

  if (session.state === "in") return <Redirect to={placeAfterSignIn(search, session.user.role)} replace />;

  const submit = handleSubmit(async ({ email, password }) => {
    setFailure(null);
    try {
      await signIn(email, password);
    } catch (error) {
      const message = showServerErrors(error, { "/email": "email", "/password": "password" }, setError);
      setFailure(message);
      if (message) setFocus("password", { shouldSelect: true });
    }
  });
  return (
    <div className="card account-card">
      <h1>{strings.signIn}</h1>
      {failure ? <Banner tone="bad">{failure}</Banner> : <SessionNotice />}
      <form className="form" noValidate onSubmit={submit}>
        <Field
          label={strings.email}
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          error={errors.email?.message}
          {...register("email")}
        />
        <PasswordField
          label={strings.password}
          autoComplete="current-password"
          error={errors.password?.message}
          {...register("password")}
        />
        <SubmitButton busy={isSubmitting}>{strings.signIn}</SubmitButton>
      </form>
      <p className="account-other">
        {strings.newHere} <Link href={search ? `/register?${search}` : "/register"}>{strings.registerLink}</Link>
      </p>
    </div>
  );
}
