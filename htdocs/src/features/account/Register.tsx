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
import { email, filled, newPassword } from "./rules";
import { SessionNotice } from "./SessionNotice";
import { SubmitButton } from "./SubmitButton";
import { showServerErrors } from "./serverErrors";

const NewUser = v.object({ name: filled(strings.nameMissing), email, password: newPassword });
const FIELDS = { "/name": "name", "/email": "email", "/password": "password", "email-taken": "email" } as const;

export default function Register() {
  useTitle(strings.registerTitle);
  const { session, register: createAccount } = useSession();
  const search = useSearch();
  const [failure, setFailure] = useState<string | null>(null);
  const { register, handleSubmit, setError, formState } = useForm({
    resolver: valibotResolver(NewUser),
    defaultValues: { name: "", email: "", password: "" },
  });
  const { errors, isSubmitting } = formState;

  if (session.state === "in") return <Redirect to={placeAfterSignIn(search, session.user.role)} replace />;

  const submit = handleSubmit(async (user) => {
    setFailure(null);
    try {
      await createAccount(user.name, user.email, user.password);
    } catch (error) {
      setFailure(showServerErrors(error, FIELDS, setError));
    }
  });
  return (
    <div className="card account-card">
      <h1>{strings.registerTitle}</h1>
      {failure ? <Banner tone="bad">{failure}</Banner> : <SessionNotice />}
      <form className="form" noValidate onSubmit={submit}>
        <Field
          label={strings.name}
          autoComplete="name"
          maxLength={200}
          error={errors.name?.message}
          {...register("name")}
        />
        <Field
          label={strings.email}
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          maxLength={254}
          error={errors.email?.message}
          {...register("email")}
        />
        <PasswordField
          label={strings.password}
          autoComplete="new-password"
          hint={strings.passwordRules}
          error={errors.password?.message}
          {...register("password")}
        />
        <SubmitButton busy={isSubmitting}>{strings.register}</SubmitButton>
      </form>
      <p className="account-other">
        {strings.haveAccount} <Link href={search ? `/login?${search}` : "/login"}>{strings.signInLink}</Link>
      </p>
    </div>
  );
}
